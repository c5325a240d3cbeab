import Foundation
import Testing
import Tokenization

@testable import Inference

struct SamplingTests {
  static let logits: [Float] = [1, 3, 2, -1, 3, 0.5]

  static func shares(_ sampling: Sampling, draws: Int = 20_000) -> [Double] {
    var sampler = Sampler(sampling), counts = [Double](repeating: 0, count: logits.count)
    for _ in 0..<draws { counts[Int(sampler.choose(from: logits).id)] += 1 }
    return counts.map { $0 / Double(draws) }
  }
  /// e^(logit / temperature) of the tokens that are left, as shares.
  static func expected(_ temperature: Double, _ left: Set<Int>) -> [Double] {
    let weights = logits.indices.map { left.contains($0) ? exp(Double(logits[$0]) / temperature) : 0 }
    return weights.map { $0 / weights.reduce(0, +) }
  }
  static func isNear(_ a: [Double], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 0.02 } }

  @Test func `temperature, top-k, top-p and min-p leave what they say`() {
    let all = Set(Self.logits.indices)
    #expect(Self.isNear(Self.shares(Sampling(temperature: 1, seed: 1)), Self.expected(1, all)))
    #expect(Self.isNear(Self.shares(Sampling(temperature: 2.5, seed: 2)), Self.expected(2.5, all)))
    #expect(Self.isNear(Self.shares(Sampling(temperature: 1, topK: 3, seed: 3)), Self.expected(1, [1, 2, 4])))
    #expect(Self.isNear(Self.shares(Sampling(temperature: 1, topK: 1, seed: 4)), Self.expected(1, [1])))
    // Tokens 1 and 4 have 0.383 each, token 2 0.141: 0.7 needs two, 0.8 three.
    #expect(Self.isNear(Self.shares(Sampling(temperature: 1, topP: 0.7, seed: 5)), Self.expected(1, [1, 4])))
    #expect(Self.isNear(Self.shares(Sampling(temperature: 1, topP: 0.8, seed: 6)), Self.expected(1, [1, 2, 4])))
    // Token 0 is e⁻² = 0.135 as probable as the best, token 2 0.368.
    #expect(Self.isNear(Self.shares(Sampling(temperature: 1, minP: 0.2, seed: 7)), Self.expected(1, [1, 2, 4])))
    #expect(Self.isNear(Self.shares(Sampling(temperature: 1, minP: 0.1, seed: 8)), Self.expected(1, [0, 1, 2, 4])))
    // Min-p comes last: of the three tokens 1, 4 and 2 with 0.2 alone, 0.8 would need two only.
    let both = Sampling(temperature: 1, topP: 0.8, minP: 0.2, seed: 9)
    #expect(Self.isNear(Self.shares(both), Self.expected(1, [1, 2, 4])))
  }

  @Test func `the same seed gives the same choices, another one others`() {
    func choices(_ seed: UInt64) -> [TokenID] {
      var sampler = Sampler(Sampling(temperature: 1, seed: seed))
      return (0..<50).map { _ in sampler.choose(from: Self.logits).id }
    }
    #expect(choices(1) == choices(1))
    #expect(choices(1) != choices(2))
  }

  @Test func `a seed's choices are the same in every version`() {
    var sampler = Sampler(Sampling(temperature: 1, seed: 42))
    let even = [Float](repeating: 0, count: 1000)
    #expect((0..<6).map { _ in sampler.choose(from: even).id } == [741, 159, 278, 344, 38, 868])
  }

  @Test func `what is reported is the model's own distribution`() {
    var sampler = Sampler(Sampling(temperature: 3, topK: 2, seed: 1))
    let token = sampler.choose(from: Self.logits, top: 3), exact = Self.expected(1, Set(Self.logits.indices))
    #expect(abs(exp(token.logProbability) - exact[Int(token.id)]) < 1e-9)
    #expect(token.top.map(\.id) == [1, 4, 2])
  }

  @Test func `numbers that are not finite choose without a trap`() {
    for bad in [Float.nan, .infinity] {
      var sampler = Sampler(Sampling(temperature: 1, topK: 2, topP: 0.5, minP: 0.1))
      #expect(!sampler.choose(from: [1, bad, 2]).logProbability.isFinite)
    }
    var sampler = Sampler(Sampling(temperature: 1))
    #expect(sampler.choose(from: [-.infinity, 0]).id == 1)
  }

  @Test(arguments: [["END"], ["ND", "END"], ["é!"], [""], [], ["aaab"], ["x", "yz"]])
  func `text is given up to the first stop string, in whatever pieces it comes`(strings: [String]) {
    for text in ["the END of it", "EN", "aaaaab", "caf\u{e9}! and", "wxyz", "", "aaaENaaaé"] {
      let real = strings.filter { !$0.isEmpty }
      let found = text.indices.first { start in real.contains { text[start...].hasPrefix($0) } }
      let expected = found.map { String(text[..<$0]) } ?? text
      for size in 1...4 {
        var stops = StopStrings(strings), given = ""
        let characters = Array(text)
        for start in stride(from: 0, to: characters.count, by: size) {
          given += stops.append(String(characters[start..<min(start + size, characters.count)]))
          #expect(expected.hasPrefix(given))
        }
        given += stops.finish()
        #expect(given == expected)
        #expect(stops.isFound == (found != nil))
      }
    }
  }
}
