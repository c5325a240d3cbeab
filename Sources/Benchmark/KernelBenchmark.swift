public import Kernels
public import LlamaModel
import TensorCore

/// One operation of a model, timed by itself on all threads.
public struct KernelTime: Codable, Equatable, Sendable {
  /// Such as `attention backward`.
  public var name: String
  /// The extents it ran with.
  public var shape: String
  public var precision: Precision
  /// Rows that went through, where they are tokens.
  public var tokens: Int?
  /// The fastest run.
  public var seconds: Double
  /// Floating-point operations of the mathematics, a multiply-add counted as two; 0 where memory is the limit.
  public var modelFLOPs: Double
  /// Bytes that must be read and written at least; 0 where arithmetic is the limit.
  public var bytes: Double

  public init(
    name: String, shape: String, precision: Precision, tokens: Int?, seconds: Double, modelFLOPs: Double = 0,
    bytes: Double = 0
  ) {
    (self.name, self.shape, self.precision, self.tokens) = (name, shape, precision, tokens)
    (self.seconds, self.modelFLOPs, self.bytes) = (seconds, modelFLOPs, bytes)
  }
}

/// Times each operation of a model's layers, as the model calls it: with its memory, its gradients and all threads.
public struct KernelBenchmark {
  public let configuration: LlamaConfiguration
  /// Seconds for each figure, unless one run takes longer.
  public let budget: Double

  public init(_ configuration: LlamaConfiguration, budget: Double) {
    (self.configuration, self.budget) = (configuration, budget)
  }

  /// Every product of a layer over `tokens` rows: forward, and the two that form its gradients.
  public func products(tokens n: Int, _ precision: Precision) -> [KernelTime] {
    let c = configuration, q = c.headCount * c.headSize, kv = c.keyHeadCount * c.headSize
    let layers = [
      ("query", c.hiddenSize, q), ("key, value", c.hiddenSize, kv), ("output", q, c.hiddenSize),
      ("gate, up", c.hiddenSize, c.feedForwardSize), ("down", c.feedForwardSize, c.hiddenSize),
    ]
    return layers.flatMap { name, inputs, outputs in
      let x = Tensor(noise: Shape(n, inputs), seed: 1), w = Tensor(noise: Shape(outputs, inputs), seed: 2)
      let dy = Tensor(noise: Shape(n, outputs), seed: 3)
      func row(_ part: String, _ seconds: Double) -> KernelTime {
        KernelTime(
          name: "\(name) \(part)", shape: "\(n)×\(inputs)→\(outputs)", precision: precision, tokens: n,
          seconds: seconds, modelFLOPs: 2 * Double(n) * Double(inputs) * Double(outputs))
      }
      return [
        row("forward", time { _ = x.linear(w, precision: precision) }),
        row("input gradient", backward(x.asLeaf(isParameter: true), dy) { $0.linear(w, precision: precision) }),
        row("weight gradient", backward(w.asLeaf(isParameter: true), dy) { x.linear($0, precision: precision) }),
      ]
    }
  }

  /// Causal attention of one layer over a sequence. Model operations: 2·n²·q forward, twice that backward.
  public func attention(length n: Int, _ precision: Precision) -> [KernelTime] {
    let c = configuration, q = c.headCount * c.headSize, kv = c.keyHeadCount * c.headSize
    let queries = Tensor(noise: Shape(n, q), seed: 1, isParameter: true)
    let keys = Tensor(noise: Shape(n, kv), seed: 2, isParameter: true)
    let values = Tensor(noise: Shape(n, kv), seed: 3, isParameter: true), dy = Tensor(noise: Shape(n, q), seed: 4)
    let pattern = AttentionPattern.causal(queries: n)
    func forward() -> Tensor {
      var recomputation = Recomputation.none
      return .causalAttention(
        q: queries, k: keys, v: values, headSize: c.headSize, pattern: pattern, precision: precision,
        keeping: &recomputation)
    }
    let flops = 2 * Double(n) * Double(n) * Double(q), shape = "\(n), \(c.headCount)/\(c.keyHeadCount)×\(c.headSize)"
    let output = forward()
    return [
      KernelTime(
        name: "attention forward", shape: shape, precision: precision, tokens: n, seconds: time { _ = forward() },
        modelFLOPs: flops),
      KernelTime(
        name: "attention backward", shape: shape, precision: precision, tokens: n,
        seconds: time {
          var gradients = Gradients()
          output.backward(from: dy, into: &gradients)
        }, modelFLOPs: 2 * flops),
    ]
  }

  /// The last projection with the loss over `tokens` labelled rows. Model operations: three products.
  public func loss(tokens n: Int, _ precision: Precision) -> KernelTime {
    let c = configuration, labels = (0..<n).map { Int32($0 % c.vocabularySize) }
    let x = Tensor(noise: Shape(n, c.hiddenSize), scale: 0.1, seed: 1, isParameter: true)
    let w = Tensor(noise: Shape(c.vocabularySize, c.hiddenSize), scale: 0.1, seed: 2, isParameter: true)
    let seconds = time {
      var gradients = Gradients()
      x.linearCrossEntropy(w, labels: labels, precision: precision).backward(into: &gradients)
    }
    return KernelTime(
      name: "linear cross-entropy", shape: "\(n)×\(c.hiddenSize)→\(c.vocabularySize)", precision: precision, tokens: n,
      seconds: seconds, modelFLOPs: 6 * Double(n) * Double(c.hiddenSize) * Double(c.vocabularySize))
  }

  /// What treats each value by itself, forward and backward, over `tokens` rows; and the optimizer.
  public func elementwise(tokens n: Int) -> [KernelTime] {
    let c = configuration, q = c.headCount * c.headSize, d = c.hiddenSize, f = c.feedForwardSize
    let x = Tensor(noise: Shape(n, d), seed: 1, isParameter: true), norm = Tensor(noise: Shape(d), seed: 2)
    let heads = Tensor(noise: Shape(n, q), seed: 3, isParameter: true)
    let angles = Tensor(noise: Shape(n, c.headSize / 2), seed: 4)
    let gate = Tensor(noise: Shape(n, f), seed: 5, isParameter: true),
      up = Tensor(noise: Shape(n, f), seed: 6, isParameter: true)
    func row(_ name: String, _ width: Int, reads: Int, _ operation: () -> Tensor) -> KernelTime {
      let dy = Tensor(noise: Shape(n, width), seed: 7)
      let seconds = time {
        var gradients = Gradients()
        operation().backward(from: dy, into: &gradients)
      }
      // Forward reads its inputs and writes its output; backward reads both again with dy and adds to each gradient.
      let sweeps = (reads + 1) + (reads + 1 + 2 * reads)
      return KernelTime(
        name: name, shape: "\(n)×\(width)", precision: .fp32, tokens: n, seconds: seconds,
        bytes: 4 * Double(n) * Double(width) * Double(sweeps))
    }
    return [
      row("RMSNorm", d, reads: 1) { x.rmsNormalized(by: norm, epsilon: 1e-5) },
      row("rotation", q, reads: 1) { heads.rotated(cosine: angles, sine: angles, headSize: c.headSize) },
      row("SwiGLU", f, reads: 2) { .swiGLU(gate: gate, up: up) },
      optimizer().update,
    ]
  }

  /// Norm of the gradient and AdamW, over the model's parameters or the first 32 million: 512 MiB do not stay in caches.
  func optimizer() -> (update: KernelTime, secondsPerParameter: Double) {
    let n = min(configuration.parameterCount, 1 << 25)
    let gradient = Tensor(noise: Shape(n), scale: 1e-3, seed: 1)
    var weight = Tensor(noise: Shape(n), seed: 2), first = Tensor(zeros: Shape(n)), second = Tensor(zeros: Shape(n))
    let step = Kernel.AdamWStep(
      learningRate: 1e-5, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, correction1: 0.1, correction2: 0.05,
      gradientScale: 1)
    let seconds = time {
      var w = weight.mutableSpan, m = first.mutableSpan, v = second.mutableSpan
      Kernel.adamW(step, gradient: gradient.span, weight: &w, firstMoment: &m, secondMoment: &v)
    }
    let norm = time { _ = Kernel.sumOfSquares(gradient.span) }
    let update = KernelTime(
      name: "AdamW", shape: "\(n) parameters", precision: .fp32, tokens: nil, seconds: seconds, bytes: 28 * Double(n))
    return (update, (seconds + norm) / Double(n))
  }

  private func time(_ body: () -> Void) -> Double { Stopwatch.best(within: budget, body) }

  /// Seconds of the gradient alone of an operation on one tracked tensor.
  private func backward(_ x: Tensor, _ dy: Tensor, _ operation: (Tensor) -> Tensor) -> Double {
    let y = operation(x)
    return time {
      var gradients = Gradients()
      y.backward(from: dy, into: &gradients)
    }
  }
}

extension LlamaConfiguration {
  /// The trained values of one layer.
  var layerParameterCount: Int {
    parameters.reduce(0) { $0 + ($1.name.hasPrefix("model.layers.0.") ? $1.shape.count : 0) }
  }
}
