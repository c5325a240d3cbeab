public import LlamaModel
import RandomNumbers
import TensorCore

extension SplitMix64 {
  /// Uniform in −1..<1.
  mutating func value() -> Float { Float(Int32(truncatingIfNeeded: next())) * 0x1p-31 }
}

func randomValues(_ count: Int, seed: UInt64) -> [Float] {
  var noise = SplitMix64(seed: seed)
  return (0..<count).map { _ in noise.value() }
}

extension Tensor {
  /// Uniform values in ±scale.
  init(noise shape: Shape, scale: Float = 1, seed: UInt64, isParameter: Bool = false) {
    var noise = SplitMix64(seed: seed)
    let buffer = Buffer(shape.count) { span in
      for i in span.indices { span[i] = scale * noise.value() }
    }
    self.init(shape, buffer, isParameter: isParameter)
  }
}

extension Llama {
  /// A model of random weights whose loss and gradients stay finite: good for timing, and for nothing else.
  public init(noiseFor configuration: LlamaConfiguration) {
    var seed: UInt64 = 0
    self.init(configuration) { parameter in
      seed += 1
      let isVector = parameter.shape.extents.count == 1
      var tensor = Tensor(noise: parameter.shape, scale: isVector ? 0.1 : 0.035, seed: seed, isParameter: true)
      guard parameter.name.hasSuffix("norm.weight") else { return tensor }
      var span = tensor.mutableSpan
      for i in span.indices { span[i] += 1 }
      return tensor
    }
  }
}

extension LlamaConfiguration {
  /// The shape of SmolLM2-135M.
  public static let smolLM2 = LlamaConfiguration(
    vocabularySize: 49_152, hiddenSize: 576, feedForwardSize: 1536, layerCount: 30, headCount: 9, keyHeadCount: 3,
    headSize: 64, normEpsilon: 1e-5, tiesEmbeddings: true,
    rope: RoPEDescription(originalContext: 8192, originalTheta: 100_000))
}

/// Random tokens, each of which but the last predicts the next.
func randomTokens(_ count: Int, below vocabulary: Int, seed: UInt64) -> TokenSequence {
  var noise = SplitMix64(seed: seed)
  return TokenSequence(predictingEachOf: (0..<count).map { _ in Int32(noise.next() % UInt64(vocabulary)) })
}
