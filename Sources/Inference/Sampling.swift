import Foundation
import RandomNumbers
import Tokenization

/// How the next token is chosen from a distribution.
public struct Sampling: Equatable, Sendable {
  /// Logits are divided by it; 0 is greedy: always the most probable token, the lower id on a tie.
  public var temperature: Double
  /// Only the k most probable tokens; 0 for all.
  public var topK: Int
  /// Only the fewest tokens that together have this probability (Holtzman et al. 2020); 1 for all.
  public var topP: Double
  /// Only tokens at least this often as probable as the most probable one (Nguyen et al. 2024); 0 for all.
  public var minP: Double
  /// The same seed gives the same choices.
  public var seed: UInt64

  public static let greedy = Sampling()

  public init(temperature: Double = 0, topK: Int = 0, topP: Double = 1, minP: Double = 0, seed: UInt64 = 0) {
    (self.temperature, self.topK, self.topP, self.minP, self.seed) = (temperature, topK, topP, minP, seed)
  }
}

/// Chooses tokens, one after another.
public struct Sampler: Sendable {
  private let sampling: Sampling
  private var numbers: SplitMix64

  public init(_ sampling: Sampling) { (self.sampling, numbers) = (sampling, SplitMix64(seed: sampling.seed)) }

  /// The next token, with its log-probability in the model's own distribution and the `top` best of that.
  ///
  /// Temperature comes first, then top-k, top-p and min-p, each of what the one before has left.
  public mutating func choose(from logits: [Float], top: Int = 1) -> GeneratedToken {
    guard sampling.temperature > 0 else { return GeneratedToken(choosingFrom: logits, top: top) }
    let candidates = candidates(logits)
    // In 0..<1.
    let uniform = Double(numbers.next() >> 11) * 0x1p-53
    var rest = uniform * candidates.reduce(0) { $0 + $1.weight }
    for candidate in candidates {
      rest -= candidate.weight
      if rest < 0 { return GeneratedToken(TokenID(candidate.id), from: logits, top: top) }
    }
    return candidates.last.map { GeneratedToken(TokenID($0.id), from: logits, top: top) }
      ?? GeneratedToken(choosingFrom: logits, top: top)
  }

  /// What may be chosen, the most probable first, with weights relative to it; none where a logit is no number.
  func candidates(_ logits: [Float]) -> [(id: Int, weight: Double)] {
    let greatest = Double(logits.max() ?? 0)
    guard greatest.isFinite, !logits.contains(where: \.isNaN) else { return [] }
    var list = logits.indices.map { (id: $0, weight: exp((Double(logits[$0]) - greatest) / sampling.temperature)) }
    // What cannot be chosen need not be sorted; 1e-12 is far below what a sum in Double tells apart.
    list.removeAll { $0.weight < 1e-12 }
    list.sort { $0.weight != $1.weight ? $0.weight > $1.weight : $0.id < $1.id }
    if sampling.topK > 0 { list = Array(list.prefix(sampling.topK)) }
    if sampling.topP < 1 {
      let all = list.reduce(0) { $0 + $1.weight } * sampling.topP
      var sum = 0.0
      let count = list.firstIndex {
        sum += $0.weight
        return sum >= all
      }
      list = Array(list.prefix((count ?? list.count) + 1))
    }
    return list.filter { $0.weight >= sampling.minP }
  }
}
