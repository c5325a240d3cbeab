public import Kernels
public import LlamaModel
import TensorCore

extension StepCosts {
  /// Measures the parts on this machine: some seconds, for large models up to a minute.
  ///
  /// Layers run as training runs them, with their gradients and their memory; the shorter of two lengths tells what a
  /// layer costs regardless of length, which is most of it for tiny models. Everything is measured more than once,
  /// seconds apart, and the fastest counts: what else the machine does comes and goes.
  public static func measured(_ configuration: LlamaConfiguration, _ precision: Precision) -> StepCosts {
    let lengths = PartLengths(configuration), meter = StepMeter(configuration, precision)
    let start = ContinuousClock.now
    var parts = meter.parts(lengths), rounds = 1
    while rounds < 2 || ContinuousClock.now - start < .seconds(4) {
      parts.keepFaster(of: meter.parts(lengths))
      rounds += 1
    }
    return StepCosts(parts, lengths)
  }

  /// Takes apart what was measured together.
  init(_ parts: PartTimes, _ at: PartLengths) {
    let (near, far) = (Double(at.near), Double(at.far))
    let pairs = Self.line(near, parts.attentionNear / near, far, parts.attentionFar / far)
    func attention(_ n: Int) -> Double { Double(n) * (pairs.fixed + Double(n) * pairs.slope) }
    let perLayer = max((parts.threeLayers - parts.oneLayer) / 2, 1e-9)
    let rest = max(0, parts.oneLayer - perLayer)
    let shortLayer = max((parts.threeShortLayers - rest) / 3, 1e-9)
    let tokens = Self.line(
      Double(at.short), max(1e-9, shortLayer - attention(at.short)),
      Double(at.long), max(1e-9, perLayer - attention(at.long)))
    let saved = max(0, parts.threeLayers - parts.threeKeptLayers) / 3 / Double(at.long)
    self.init(
      layer: tokens.fixed, layerToken: tokens.slope, savedToken: min(saved, tokens.slope / 2),
      attentionToken: pairs.fixed, attentionPair: pairs.slope,
      sequence: rest, label: parts.label, parameter: parts.parameter)
  }
}

/// At how many tokens the parts are measured.
struct PartLengths {
  /// Of layers.
  let short, long: Int
  /// Of attention by itself.
  let near, far: Int

  init(_ configuration: LlamaConfiguration) {
    // 8 operations a parameter and token; what takes a second on a slow machine.
    let most = 1.2e11 / (8 * Double(configuration.layerParameterCount))
    long = max(64, min(2048, Int(most) / 64 * 64))
    short = max(16, long / 4)
    // Attention: 7·n²·q operations.
    let q = Double(configuration.headCount * configuration.headSize)
    far = max(2 * long, min(6144, Int((2e11 / (7 * q)).squareRoot()) / 256 * 256))
    near = max(long, far / 4)
  }
}

/// What was measured, in seconds.
struct PartTimes {
  /// Attention of a layer, forward and backward.
  var attentionNear, attentionFar: Double
  /// Layers, forward and backward; the short ones at fewer tokens, the kept ones with their activations kept.
  var oneLayer, threeLayers, threeShortLayers, threeKeptLayers: Double
  /// For each labelled token, and for each parameter.
  var label, parameter: Double

  /// The shorter time of each part.
  mutating func keepFaster(of other: PartTimes) {
    for part in [
      \PartTimes.attentionNear, \.attentionFar, \.oneLayer, \.threeLayers, \.threeShortLayers, \.threeKeptLayers,
      \.label,
      \.parameter,
    ] { self[keyPath: part] = min(self[keyPath: part], other[keyPath: part]) }
  }
}

/// Runs the parts of a step by themselves.
private struct StepMeter {
  let configuration: LlamaConfiguration
  let precision: Precision
  private let budget = 0.2

  init(_ configuration: LlamaConfiguration, _ precision: Precision) {
    (self.configuration, self.precision) = (configuration, precision)
  }

  func parts(_ at: PartLengths) -> PartTimes {
    PartTimes(
      attentionNear: attention(at.near), attentionFar: attention(at.far), oneLayer: layers(1, at.long),
      threeLayers: layers(3, at.long), threeShortLayers: layers(3, at.short),
      threeKeptLayers: layers(3, at.long, keeping: 3), label: label(), parameter: parameter())
  }

  /// Forward and backward of some layers, with an embedding of few tokens before them.
  private func layers(_ count: Int, _ n: Int, keeping kept: Int = 0) -> Double {
    var shape = configuration
    (shape.layerCount, shape.vocabularySize, shape.tiesEmbeddings) = (count, 256, true)
    var model = Llama(noiseFor: shape)
    model.precision = precision
    model.blocksKeepingActivations = kept
    let tokens = randomTokens(n, below: 256, seed: 1).tokens
    let dy = Tensor(noise: Shape(n, shape.hiddenSize), scale: 1e-3, seed: 2)
    return Stopwatch.best(within: budget, atLeast: 3) {
      var gradients = Gradients()
      model.hidden(tokens: tokens).backward(from: dy, into: &gradients)
    }
  }

  /// Attention of one layer, forward and backward.
  private func attention(_ n: Int) -> Double {
    KernelBenchmark(configuration, budget: budget / 2).attention(length: n, precision).reduce(0) { $0 + $1.seconds }
  }

  /// A labelled token. The vocabulary is cut where its matrix would take gibibytes; cost is in proportion to it.
  private func label() -> Double {
    var shape = configuration
    shape.vocabularySize = min(shape.vocabularySize, max(1024, (1 << 27) / shape.hiddenSize))
    let perLabel = 6 * Double(shape.vocabularySize * shape.hiddenSize)
    let n = max(64, min(1024, Int(1.2e11 / perLabel)))
    let seconds = KernelBenchmark(shape, budget: budget).loss(tokens: n, precision).seconds
    return seconds / Double(n) * Double(configuration.vocabularySize) / Double(shape.vocabularySize)
  }

  /// A parameter: norm of the gradient, then the update.
  private func parameter() -> Double {
    KernelBenchmark(configuration, budget: budget / 2).optimizer().secondsPerParameter
  }
}
