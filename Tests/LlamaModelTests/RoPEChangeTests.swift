import LlamaModel
import Testing

private let llama = RoPEDescription(originalContext: 8192, originalTheta: 500_000)

@Suite struct RoPEChangeTests {
  @Test(arguments: [(262_144, 283_461_213.0), (1_048_576, 3_580_165_449), (4_194_304, 45_218_125_210)])
  func theCriticalThetaIsTheOneGradientPublished(context: Int, theta: Double) throws {
    let extended = try llama.applying(.theta(.critical), context: context, headSize: 128)
    #expect(extended.theta == theta)
    #expect(extended.trainedContext == context)
    #expect(extended.originalTheta == 500_000 && extended.originalContext == 8192)
  }

  @Test(arguments: [(65_536, 4_134_231.0), (262_144, 16_904_847), (524_288, 34_183_734), (1_048_576, 69_123_823)])
  func theNTKThetaFollowsItsFormula(context: Int, theta: Double) throws {
    #expect(abs(try llama.applying(.theta(.ntk), context: context, headSize: 128).theta - theta) < 1)
  }

  @Test func rulesLeaveThetaAloneWithinTheOriginalContext() throws {
    for rule in [ThetaRule.critical, .ntk] {
      for context in [2048, 8192] {
        let same = try llama.applying(.theta(rule), context: context, headSize: 128)
        #expect(same == llama)
      }
    }
  }

  @Test(arguments: [
    RoPEChange.theta(.critical), .theta(.ntk), .theta(.number(3_580_165_449)), .linear(factor: 128),
    .yarn(YaRN(factor: 128)), .llama3(Llama3(factor: 128)),
    .longRoPE(
      LongRoPE(shortFactors: Array(repeating: 1, count: 32), longFactors: (1...32).map { Double($0) })),
  ])
  func inStagesOrAtOnceTheAnglesHaveTheSameBits(change: RoPEChange) throws {
    let atOnce = try llama.applying(change, context: 1 << 20, headSize: 64)
    var inStages = llama
    for context in [65_536, 262_144, 1 << 20] {
      inStages = try inStages.applying(change, context: context, headSize: 64)
    }
    #expect(inStages == atOnce)
    let positions = [0, 1, 8191, 8192, 65_535, 262_143, 1_048_575]
    let (a, b) = (
      inStages.table(positions: positions, headSize: 64), atOnce.table(positions: positions, headSize: 64)
    )
    #expect(a.cos.map(\.bitPattern) == b.cos.map(\.bitPattern))
    #expect(a.sin.map(\.bitPattern) == b.sin.map(\.bitPattern))
  }

  @Test func interpolationFactorsAreNotMultipliedUp() throws {
    let base = RoPEDescription(originalContext: 4096, originalTheta: 10_000)
    let first = try base.applying(.linear(factor: 8), context: 32_768, headSize: 128)
    #expect(first.scaling == .linear(factor: 8))
    let second = try first.applying(.linear(factor: 64), context: 262_144, headSize: 128)
    #expect(second.scaling == .linear(factor: 64))
    #expect(second == (try base.applying(.linear(factor: 64), context: 262_144, headSize: 128)))
    #expect(throws: RoPEError.outOfReach(method: "linear", factor: 8, originalContext: 4096, context: 262_144)) {
      try first.applying(.linear(factor: 8), context: 262_144, headSize: 128)
    }
  }

  @Test func anUnchangedStageKeepsTheAnglesAndTheLongestContext() throws {
    let long = try llama.applying(.theta(.critical), context: 65_536, headSize: 128)
    let longer = try long.applying(.unchanged, context: 70_000, headSize: 128)
    #expect(longer.theta == long.theta && longer.trainedContext == 70_000)
    #expect(try longer.applying(.unchanged, context: 4096, headSize: 128) == longer)
  }

  @Test func aNumberForThetaIsTakenWithScalingsThatStartFromTheta() throws {
    let llama31 = RoPEDescription(
      originalContext: 131_072, originalTheta: 500_000, scaling: .llama3(Llama3(factor: 8, originalContext: 8192)))
    let raised = try llama31.applying(.theta(.number(8e6)), context: 262_144, headSize: 128)
    #expect(raised.theta == 8e6 && raised.scaling == llama31.scaling)
    for rule in [ThetaRule.critical, .ntk] {
      #expect(throws: RoPEError.self) { try llama31.applying(.theta(rule), context: 262_144, headSize: 128) }
    }
    let replaced = try llama31.applying(.yarn(YaRN(factor: 128, betaFast: 4)), context: 1 << 20, headSize: 128)
    #expect(replaced.scaling == .yarn(YaRN(factor: 128, betaFast: 4, originalContext: 8192)))
  }

  @Test func oneScalingOnTopOfAnotherIsRefusedByName() throws {
    let linear = try llama.applying(.linear(factor: 8), context: 65_536, headSize: 64)
    let yarn = try llama.applying(.yarn(YaRN(factor: 8)), context: 65_536, headSize: 64)
    let unnamed = RoPEDescription(
      originalContext: 8192, originalTheta: 500_000,
      scaling: .perDimension(PerDimension(divisors: (1...32).map { Double($0) })))
    let refused: [(RoPEDescription, RoPEChange, [String])] = [
      (linear, .yarn(YaRN(factor: 16)), ["linear", "yarn", "unchanged"]),
      (yarn, .linear(factor: 16), ["yarn", "linear"]),
      (yarn, .theta(.critical), ["yarn", "theta: critical", "number"]),
      (linear, .llama3(Llama3(factor: 8)), ["linear", "llama3"]),
      (unnamed, .theta(.number(1e6)), ["per_dimension", "divisors"]),
      (unnamed, .linear(factor: 2), ["per_dimension", "linear"]),
    ]
    for (model, change, words) in refused {
      do {
        _ = try model.applying(change, context: 65_536, headSize: 64)
        Issue.record("\(change.name) on \(model.scaling.name) was accepted")
      } catch {
        for word in words { #expect(error.description.contains(word), "\(error)") }
      }
    }
  }

  @Test func bandsAfterARaisedThetaNeedAStatedContext() throws {
    let raised = try llama.applying(.theta(.critical), context: 65_536, headSize: 64)
    #expect(throws: RoPEError.self) { try raised.applying(.yarn(YaRN(factor: 16)), context: 131_072, headSize: 64) }
    let yarn = try raised.applying(.yarn(YaRN(factor: 2, originalContext: 65_536)), context: 131_072, headSize: 64)
    #expect(yarn.theta == raised.theta)
  }

  @Test func valuesOutOfRangeAreRefusedWithTheirNames() {
    let none = [Double](repeating: 1, count: 32)
    let cases: [(RoPEChange, Int, String)] = [
      (.theta(.number(.nan)), 65_536, "theta"), (.theta(.number(1)), 65_536, "theta"),
      (.theta(.number(.infinity)), 65_536, "theta"), (.linear(factor: 0), 8192, "linear factor"),
      (.linear(factor: .nan), 8192, "linear factor"), (.yarn(YaRN(factor: -1)), 8192, "yarn factor"),
      (.yarn(YaRN(factor: 8, betaFast: 1, betaSlow: 32)), 8192, "beta_fast"),
      (.yarn(YaRN(factor: 8, attentionFactor: 0)), 8192, "attention_factor"),
      (.llama3(Llama3(factor: 8, lowFrequencyFactor: 4)), 65_536, "high_freq_factor"),
      (.longRoPE(LongRoPE(shortFactors: none, longFactors: [1, 2])), 65_536, "long_factor"),
      (.unchanged, 0, "context"), (.unchanged, .max, "trained context"),
      (.yarn(YaRN(factor: 8, originalContext: 0)), 65_536, "yarn original_context"),
      (.yarn(YaRN(factor: 8, originalContext: -8)), 65_536, "yarn original_context"),
    ]
    for (change, context, name) in cases {
      do {
        _ = try llama.applying(change, context: context, headSize: 64)
        Issue.record("\(change) at \(context) was accepted")
      } catch {
        #expect(error.description.contains(name), "\(error)")
      }
    }
  }

  @Test func aModelWhosePositionsCannotBeComputedIsRefusedBeforeAnyFormula() {
    #expect(throws: RoPEError.self) { try llama.applying(.theta(.ntk), context: 65_536, headSize: 2) }
    let empty = RoPEDescription(originalContext: 0, originalTheta: 10_000)
    for change in [RoPEChange.linear(factor: 8), .yarn(YaRN(factor: 8)), .theta(.critical)] {
      #expect(throws: RoPEError.self) { try empty.applying(change, context: 65_536, headSize: 64) }
    }
  }

  @Test func theCriticalThetaOfOtherPublishedLengthsIsReproduced() {
    // "Scaling Laws of RoPE-based Extrapolation": Llama 2 from 4K to 16K has the critical base 71,738.
    let llama2 = ThetaRule.critical.theta(context: 16_384, originalContext: 4096, originalTheta: 10_000, headSize: 128)
    #expect(llama2 == 71_738)
    // The formula at Gradient's other lengths, which its first release did not use.
    let at65K = ThetaRule.critical.theta(context: 65_536, originalContext: 8192, originalTheta: 5e5, headSize: 128)
    let at524K = ThetaRule.critical.theta(context: 524_288, originalContext: 8192, originalTheta: 5e5, headSize: 128)
    #expect(at65K == 22_443_169 && at524K == 1_007_391_703)
  }
}
