import LlamaModel
import TensorCore
import TestSupport

/// Small models with random weights: grouped heads, heads wider than the stream's share, biases everywhere.
enum TinyModel {
  static func configuration(ties: Bool = false, layers: Int = 2) -> LlamaConfiguration {
    LlamaConfiguration(
      vocabularySize: 31, hiddenSize: 12, feedForwardSize: 20, layerCount: layers, headCount: 4, keyHeadCount: 2,
      headSize: 6, normEpsilon: 1e-5, tiesEmbeddings: ties, hasQueryKeyValueBias: true, hasOutputBias: true,
      hasFeedForwardBias: true,
      rope: RoPEDescription(originalContext: 64, originalTheta: 10_000, scaling: .yarn(YaRN(factor: 4))))
  }

  static func random(
    _ configuration: LlamaConfiguration = configuration(), seed: UInt64 = 51, isTrained: Bool = true
  ) -> Llama {
    var random = SplitMix64(seed: seed)
    return Llama(configuration) { parameter in
      let scale = parameter.shape.extents.count == 1 ? 1 : 0.3
      return Tensor(parameter.shape, random.normals(parameter.shape.count, scale: scale), isParameter: isTrained)
    }
  }

  static func tokens(_ count: Int, seed: UInt64) -> [Int32] {
    var random = SplitMix64(seed: seed)
    return random.tokens(count, below: 31)
  }

  /// The summed loss and gradient of some sequences, with the names of the parameters.
  static func lossAndGradients(
    _ model: Llama, _ sequences: [TokenSequence], weight: Float = 1
  ) -> (loss: Double, gradients: [String: [Float]]) {
    var gradients = Gradients()
    var loss = 0.0
    for sequence in sequences {
      let one = model.loss(of: sequence)
      one.backward(weight: weight, into: &gradients)
      loss += Double(one.scalar)
    }
    return (loss, named(gradients, model))
  }

  static func named(_ gradients: Gradients, _ model: Llama) -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, gradients[$0.tensor]?.values ?? []) })
  }
}

extension [Float] {
  var doubles: [Double] { map(Double.init) }
}
