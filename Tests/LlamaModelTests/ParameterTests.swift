import LlamaModel
import TensorCore
import TestSupport
import Testing

/// The configuration and the model agree on which parameters there are.
struct ParameterTests {
  static let configurations: [LlamaConfiguration] = [
    TinyModel.configuration(), TinyModel.configuration(ties: true), plain(ties: false), plain(ties: true),
  ]
  static func plain(ties: Bool) -> LlamaConfiguration {
    LlamaConfiguration(
      vocabularySize: 7, hiddenSize: 4, feedForwardSize: 6, layerCount: 1, headCount: 2, keyHeadCount: 1, headSize: 2,
      normEpsilon: 1e-5, tiesEmbeddings: ties, rope: RoPEDescription(originalContext: 64, originalTheta: 10_000))
  }

  @Test(arguments: configurations)
  func `visiting a model gives the names and shapes of the configuration, in its order`(
    configuration: LlamaConfiguration
  ) {
    let model = TinyModel.random(configuration)
    #expect(model.namedParameters.map(\.name) == configuration.parameters.map(\.name))
    #expect(model.namedParameters.map(\.tensor.shape) == configuration.parameters.map(\.shape))
    #expect(Set(model.namedParameters.map(\.tensor.id)).count == configuration.parameters.count)
    #expect(configuration.parameterCount == model.namedParameters.reduce(0) { $0 + $1.tensor.values.count })
  }

  @Test(arguments: configurations)
  func `every parameter of a model is trained by its loss`(configuration: LlamaConfiguration) {
    let model = TinyModel.random(configuration)
    let sequence = TokenSequence(predictingEachOf: [1, 2, 3, 4, 5, 6, 0])
    let gradients = TinyModel.lossAndGradients(model, [sequence]).gradients
    for (name, gradient) in gradients {
      #expect(gradient.contains { $0 != 0 }, "\(name)")
    }
  }

  @Test(arguments: configurations)
  func `visiting writes in place, without a copy, and keeps each gradient's key`(configuration: LlamaConfiguration) {
    var model = TinyModel.random(configuration)
    let ids = model.namedParameters.map(\.tensor.id)
    var before: [UInt] = []
    var after: [UInt] = []
    func address(_ x: Tensor) -> UInt { x.span.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } }
    model.visitParameters { _, tensor in
      before.append(address(tensor))
      var span = tensor.mutableSpan
      for i in span.indices { span[i] = 2 }
      after.append(address(tensor))
    }
    #expect(before == after)
    #expect(model.namedParameters.map(\.tensor.id) == ids)
    #expect(model.namedParameters.allSatisfy { $0.tensor.values.allSatisfy { $0 == 2 } })
  }

  @Test func `what no model can have is said in a sentence each`() {
    #expect(TinyModel.configuration().problems.isEmpty)
    var configuration = TinyModel.configuration()
    configuration.keyHeadCount = 3
    configuration.headSize = 5
    configuration.layerCount = 0
    configuration.normEpsilon = 0
    let problems = configuration.problems.joined(separator: "\n")
    #expect(configuration.problems.count == 4)
    #expect(problems.contains("4 heads cannot share 3 key heads"))
    #expect(problems.contains("headSize must be even"))
    #expect(problems.contains("layerCount"))
    #expect(problems.contains("normEpsilon"))
  }

  @Test func `a configuration without problems can be counted, however large; a larger one has a problem`() {
    var configuration = TinyModel.configuration()
    (configuration.vocabularySize, configuration.hiddenSize, configuration.feedForwardSize) = (
      1 << 24, 1 << 20, 1 << 20
    )
    (configuration.layerCount, configuration.headCount, configuration.headSize) = (1 << 12, 1 << 10, 1 << 10)
    (configuration.keyHeadCount, configuration.tiesEmbeddings) = (1 << 10, false)
    #expect(configuration.problems.isEmpty)
    #expect(configuration.parameterCount > 1 << 54)
    for change in [\LlamaConfiguration.layerCount, \.hiddenSize, \.feedForwardSize, \.headSize, \.headCount] {
      var larger = configuration
      larger[keyPath: change] *= 2
      #expect(larger.problems.count == 1)
    }
  }
}
