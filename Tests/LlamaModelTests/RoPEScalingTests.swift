import Foundation
import LlamaModel
import Testing

/// The same scalings that `make-rope-fixtures.py` gave to transformers, by name.
private func description(named name: String, in fixture: RoPEFixture) throws -> RoPEDescription {
  let entry = try #require(fixture.frequencies.first { $0.name == name })
  let longRoPE = LongRoPE(shortFactors: fixture.shortFactors, longFactors: fixture.longFactors)
  let (originalContext, scaling): (Int, RoPEScaling) =
    switch name {
    case "linear 8": (2048, .linear(factor: 8))
    case "yarn 16": (4096, .yarn(YaRN(factor: 16)))
    case "yarn 4, theta 1e6": (32768, .yarn(YaRN(factor: 4)))
    case "yarn 128, own betas and attention factor":
      (8192, .yarn(YaRN(factor: 128, betaFast: 4, betaSlow: 1, attentionFactor: 1.25)))
    case "yarn 32, ramp not rounded": (8192, .yarn(YaRN(factor: 32, truncates: false)))
    case "llama3 8": (131072, .llama3(Llama3(factor: 8, originalContext: 8192)))
    case "llama3 32": (131072, .llama3(Llama3(factor: 32, originalContext: 8192)))
    case "longrope long", "longrope short": (4096, .longRoPE(longRoPE))
    default: throw CocoaError(.featureUnsupported, userInfo: [NSLocalizedDescriptionKey: "no case named \(name)"])
    }
  return RoPEDescription(
    originalContext: originalContext, originalTheta: entry.theta, trainedContext: entry.context, scaling: scaling)
}

@Suite struct RoPEScalingTests {
  @Test func everyScalingHasTheFrequenciesAndMagnitudeOfTransformers() throws {
    let fixture = try RoPEFixture.load()
    #expect(fixture.frequencies.count == 9)
    for entry in fixture.frequencies {
      let model = try description(named: entry.name, in: fixture)
      let found = model.inverseFrequencies(headSize: entry.headSize, sequenceLength: entry.sequenceLength)
      #expect(found.count == entry.inverseFrequencies.count)
      for (ours, theirs) in zip(found, entry.inverseFrequencies) {
        // transformers computes in Float: 24 bits, and a few operations.
        #expect(abs(ours / theirs - 1) < 2e-6, "\(entry.name): \(ours) against \(theirs)")
      }
      #expect(abs(model.magnitude - entry.magnitude) < 1e-12, "\(entry.name)")
    }
  }

  @Test func farPositionsAgreeWithFiftyDigitArithmetic() throws {
    for far in try RoPEFixture.load().farPositions {
      let model = RoPEDescription(originalContext: 8192, originalTheta: far.theta)
      let table = model.table(positions: [far.position], headSize: far.headSize)
      for pair in far.cos.indices {
        #expect(abs(Double(table.cos[pair]) - far.cos[pair]) < 1e-7)
        #expect(abs(Double(table.sin[pair]) - far.sin[pair]) < 1e-7)
      }
    }
  }

  @Test func condensationIsPositionDividedByTheRatio() {
    let plain = RoPEDescription(originalContext: 2048, originalTheta: 10000)
    var condensed = plain
    condensed.scaling = .linear(factor: 8)
    let before = plain.table(positions: [1250], headSize: 128)
    let after = condensed.table(positions: [10000], headSize: 128)
    #expect(zip(before.cos, after.cos).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(before.sin, after.sin).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func rotationKeepsTheNormExceptForTheMagnitude() {
    for scaling in [RoPEScaling.none, .linear(factor: 4), .yarn(YaRN(factor: 16)), .llama3(Llama3(factor: 8))] {
      let model = RoPEDescription(originalContext: 8192, originalTheta: 500000, scaling: scaling)
      let table = model.table(positions: stride(from: 0, to: 1 << 20, by: 65537).map { $0 }, headSize: 64)
      let square = Float(model.magnitude * model.magnitude)
      #expect(zip(table.cos, table.sin).allSatisfy { abs($0 * $0 + $1 * $1 - square) < 1e-6 })
    }
  }

  @Test func tablesAreRowsOfPositions() {
    let model = RoPEDescription(originalContext: 128, originalTheta: 10000)
    let whole = model.table(positions: 0..<5, headSize: 8)
    let last = model.table(positions: 3..<5, headSize: 8)
    #expect(whole.cos.count == 20 && Array(whole.cos[..<4]) == [1, 1, 1, 1] && Array(whole.sin[..<4]) == [0, 0, 0, 0])
    #expect(Array(whole.cos[12...]) == last.cos && Array(whole.sin[12...]) == last.sin)
  }

  @Test func divisorsTurnPlainFrequenciesIntoScaledOnes() throws {
    let fixture = try RoPEFixture.load()
    for entry in fixture.frequencies {
      let model = try description(named: entry.name, in: fixture)
      var baked = model
      baked.scaling = .perDimension(
        PerDimension(divisors: model.divisors(headSize: entry.headSize), attentionFactor: model.magnitude))
      let expected = model.inverseFrequencies(headSize: entry.headSize)
      for (ours, theirs) in zip(baked.inverseFrequencies(headSize: entry.headSize), expected) {
        #expect(abs(ours / theirs - 1) < 1e-14)
      }
      #expect(baked.magnitude == model.magnitude)
    }
  }

  @Test func divisorsOfAFileAreRecognizedByName() {
    let llama = RoPEDescription(
      originalContext: 131072, originalTheta: 500000, scaling: .llama3(Llama3(factor: 32, originalContext: 8192)))
    let asFile = llama.divisors(headSize: 64).map { Double(Float($0)) }
    #expect(RoPEScaling.recognized(divisors: asFile, theta: 500000) == llama.scaling)
    #expect(RoPEScaling.recognized(divisors: [1, 1, 1, 1], theta: 10000) == .none)
    #expect(RoPEScaling.recognized(divisors: [8, 8, 8, 8], theta: 10000) == .linear(factor: 8))
    let odd = PerDimension(divisors: [1, 2, 3, 5])
    #expect(RoPEScaling.recognized(divisors: odd.divisors, theta: 10000) == .perDimension(odd))
    let louder = PerDimension(divisors: [1, 1, 1, 1], attentionFactor: 1.2)
    #expect(
      RoPEScaling.recognized(divisors: [1, 1, 1, 1], theta: 10000, attentionFactor: 1.2) == .perDimension(louder))
  }

  @Test func everyScalingSurvivesJSONAndIsFlatInIt() throws {
    let scalings: [RoPEScaling] = [
      .none, .linear(factor: 8), .yarn(YaRN(factor: 16, attentionFactor: 1.1, originalContext: 4096)),
      .llama3(Llama3(factor: 8, originalContext: 8192)),
      .longRoPE(LongRoPE(shortFactors: [1, 1.5], longFactors: [1, 4], originalContext: 4096)),
      .perDimension(PerDimension(divisors: [1, 3])),
    ]
    for scaling in scalings {
      let model = RoPEDescription(
        originalContext: 8192, originalTheta: 500000, trainedContext: 1 << 20, theta: 3_580_165_449, scaling: scaling)
      let data = try JSONEncoder().encode(model)
      #expect(try JSONDecoder().decode(RoPEDescription.self, from: data) == model)
      let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let flat = try #require(object["scaling"] as? [String: Any])
      #expect(flat["type"] as? String == scaling.name)
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(RoPEScaling.self, from: Data(#"{"type":"dynamic"}"#.utf8))
    }
  }
}
