public import LlamaModel
import TensorCore

extension LlamaConfiguration {
  /// A model of some thousand parameters whose heads are wider than hiddenSize / headCount and grouped by two.
  public static func tiny(
    vocabularySize: Int = 31, hiddenSize: Int = 16, layerCount: Int = 2, headSize: Int = 8, tied: Bool = false,
    biased: Bool = false, rope: RoPEDescription = RoPEDescription(originalContext: 32, originalTheta: 10_000)
  ) -> LlamaConfiguration {
    LlamaConfiguration(
      vocabularySize: vocabularySize, hiddenSize: hiddenSize, feedForwardSize: hiddenSize + hiddenSize / 2,
      layerCount: layerCount, headCount: 4, keyHeadCount: 2, headSize: headSize, normEpsilon: 1e-5,
      tiesEmbeddings: tied, hasQueryKeyValueBias: biased, hasOutputBias: biased, hasFeedForwardBias: biased, rope: rope)
  }
}

extension Llama {
  /// Parameters to be trained: matrices and biases normal with the given standard deviation, norms around 1.
  public static func random(_ configuration: LlamaConfiguration, seed: UInt64 = 1, scale: Double = 0.2) -> Llama {
    var numbers = SplitMix64(seed: seed)
    return Llama(configuration) { parameter in
      let isNorm = parameter.name.hasSuffix("norm.weight")
      let values = numbers.normals(parameter.shape.count, scale: scale).map { isNorm ? 1 + $0 : $0 }
      return Tensor(parameter.shape, values, isParameter: true)
    }
  }

  /// The bits of every parameter, in the order of `visitParameters`.
  public var bits: [[UInt32]] { namedParameters.map { $0.tensor.values.bits } }
}
