public import Kernels
public import LlamaModel
import TensorCore

extension StepCosts {
  /// Measures the parts on this machine: some seconds, for large models up to a minute.
  ///
  /// Layers run as training runs them, with their gradients and their memory; the shorter of two lengths tells what a
  /// layer costs regardless of length, which is most of it for tiny models.
  ///
  /// - Parameter longest: the longest sequence to be predicted; attention is measured no further than that.
  public static func measured(_ configuration: LlamaConfiguration, _ precision: Precision) -> StepCosts {
    let meter = StepMeter(configuration, precision)
    // 8 operations a parameter and token; what takes a second on a slow machine.
    let most = 1.2e11 / (8 * Double(configuration.layerParameterCount))
    let long = max(64, min(2048, Int(most) / 64 * 64)), short = max(16, long / 4)
    // Attention: 7·n²·q operations.
    let q = Double(configuration.headCount * configuration.headSize)
    let far = max(2 * long, min(6144, Int((2e11 / (7 * q)).squareRoot()) / 256 * 256))
    let near = max(long, far / 4)

    let pairs = line(
      Double(near), meter.attention(near) / Double(near), Double(far), meter.attention(far) / Double(far))
    func attention(_ n: Int) -> Double { Double(n) * (pairs.fixed + Double(n) * pairs.slope) }
    let one = meter.layers(1, long), more = meter.layers(3, long), few = meter.layers(3, short)
    let perLayer = max((more - one) / 2, 1e-9)
    let rest = max(0, one - perLayer)
    let shortLayer = max((few - rest) / 3, 1e-9)
    let tokens = line(
      Double(short), max(1e-9, shortLayer - attention(short)), Double(long), max(1e-9, perLayer - attention(long)))
    let saved = max(0, more - meter.layers(3, long, keeping: 3)) / 3 / Double(long)
    return StepCosts(
      layer: tokens.fixed, layerToken: tokens.slope, savedToken: min(saved, tokens.slope / 2),
      attentionToken: pairs.fixed, attentionPair: pairs.slope,
      sequence: rest, label: meter.label(), parameter: meter.parameter())
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

  /// Forward and backward of some layers, with an embedding of few tokens before them.
  func layers(_ count: Int, _ n: Int, keeping kept: Int = 0) -> Double {
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
  func attention(_ n: Int) -> Double {
    KernelBenchmark(configuration, budget: budget / 2).attention(length: n, precision).reduce(0) { $0 + $1.seconds }
  }

  /// A labelled token. The vocabulary is cut where its matrix would take gibibytes; cost is in proportion to it.
  func label() -> Double {
    var shape = configuration
    shape.vocabularySize = min(shape.vocabularySize, max(1024, (1 << 27) / shape.hiddenSize))
    let perLabel = 6 * Double(shape.vocabularySize * shape.hiddenSize)
    let n = max(64, min(1024, Int(1.2e11 / perLabel)))
    let seconds = KernelBenchmark(shape, budget: budget).loss(tokens: n, precision).seconds
    return seconds / Double(n) * Double(configuration.vocabularySize) / Double(shape.vocabularySize)
  }

  /// A parameter: norm of the gradient, then the update.
  func parameter() -> Double {
    KernelBenchmark(configuration, budget: budget / 2).optimizer().secondsPerParameter
  }
}
