import Foundation
import LlamaModel
import TensorCore
import TestSupport
import Testing

/// The model against PyTorch: `Fixtures/parity-*.safetensors`, and the file `EXTEND_PARITY_FIXTURE` names, if any.
struct ParityTests {
  static let fixtures: [String] =
    ParityFixture.names + (ProcessInfo.processInfo.environment["EXTEND_PARITY_FIXTURE"].map { [$0] } ?? [])

  static func load(_ name: String) throws -> ParityFixture {
    ParityFixture.names.contains(name) ? try .load(name) : try ParityFixture(path: name)
  }

  @Test(arguments: fixtures) func `logits are those of PyTorch`(name: String) throws {
    let fixture = try Self.load(name)
    let model = try fixture.model(isTrained: false)
    for (sequence, expected) in zip(fixture.sequences, fixture.logits) {
      let logits = model.logits(tokens: sequence.tokens).values.map(Double.init)
      #expect(Tolerance.relativeNorm(logits, expected) < 1e-5)
      #expect(Tolerance.mismatch(logits, expected, within: 1e-4) == nil)
    }
  }

  @Test(arguments: fixtures) func `the mean loss is that of PyTorch`(name: String) throws {
    let fixture = try Self.load(name)
    let model = try fixture.model(isTrained: false)
    let sum = fixture.sequences.reduce(0) { $0 + Double(model.loss(of: $1).scalar) }
    #expect(abs(sum / Double(fixture.labelCount) / fixture.loss - 1) < 1e-6)
  }

  @Test(arguments: fixtures) func `every gradient is that of PyTorch`(name: String) throws {
    let fixture = try Self.load(name)
    let model = try fixture.model()
    var gradients = Gradients()
    for sequence in fixture.sequences {
      model.loss(of: sequence).backward(weight: 1 / Float(fixture.labelCount), into: &gradients)
    }
    let parameters = model.namedParameters
    #expect(Set(parameters.map(\.name)) == Set(fixture.gradients.keys))
    for (name, tensor) in parameters {
      let actual = try #require(gradients[tensor], "no gradient for \(name)").values.map(Double.init)
      let expected = try #require(fixture.gradients[name])
      #expect(Tolerance.relativeNorm(actual, expected) < 1e-4, "\(name)")
      #expect(Tolerance.mismatch(actual, expected, within: 1e-4) == nil, "\(name)")
    }
  }

  @Test
  func `the fixtures differ in scaling, tying, head size, grouping and biases, and run past the original context`()
    throws
  {
    let all = try ParityFixture.names.map(ParityFixture.load)
    #expect(Set(all.map(\.configuration.rope.scaling.name)) == ["none", "linear", "yarn", "llama3"])
    #expect(Set(all.map(\.configuration.rope.theta)).count == 2)
    #expect(Set(all.map(\.configuration.tiesEmbeddings)) == [false, true])
    #expect(all.contains { $0.configuration.headSize * $0.configuration.headCount != $0.configuration.hiddenSize })
    #expect(Set(all.map { $0.configuration.headCount / $0.configuration.keyHeadCount }).isSuperset(of: [1, 2, 3, 4]))
    #expect(all.contains { $0.configuration.hasQueryKeyValueBias && $0.configuration.hasFeedForwardBias })
    #expect(
      all.contains { fixture in
        fixture.configuration.rope.scaling.name == "yarn"
          && fixture.sequences.allSatisfy { $0.tokens.count > fixture.configuration.rope.originalContext }
      })
  }
}
