import Foundation
public import Tokenization

/// One token that a model has chosen.
public struct GeneratedToken: Equatable, Sendable {
  public var id: TokenID
  /// ln p(id | everything before).
  public var logProbability: Double
  /// The most probable tokens at this place, best first.
  public var top: [TokenProbability]
}

/// A token and its log-probability, in nats.
public struct TokenProbability: Equatable, Sendable {
  public var id: TokenID
  public var logProbability: Double
}

/// What ended a generation.
public enum StopReason: String, Sendable {
  /// A stop token was chosen; it is the last of the tokens.
  case stopToken
  /// The text holds a stop string; it ends before it.
  case stopString
  case tokenLimit
  case contextFull
  /// The caller ended it.
  case cancelled
}

extension GeneratedToken {
  /// With so many alternatives at most.
  func keeping(top count: Int) -> GeneratedToken {
    var token = self
    token.top = Array(top.prefix(max(1, count)))
    return token
  }

  /// The most probable token, with the `top` best.
  init(choosingFrom logits: [Float], top: Int) { self.init(nil, from: logits, top: top) }

  /// A token that was chosen in another way; nil is the most probable one.
  init(_ id: TokenID?, from logits: [Float], top: Int) {
    let logSum = logits.logSumExp
    let best = logits.indices.sorted(first: max(1, top)) {
      logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1
    }
    self.top = best.map { TokenProbability(id: TokenID($0), logProbability: Double(logits[$0]) - logSum) }
    self.id = id ?? self.top[0].id
    logProbability = Double(logits[Int(self.id)]) - logSum
  }
}

extension [Float] {
  /// ln Σ eˣ, in Double.
  var logSumExp: Double {
    let greatest = Double(self.max() ?? 0)
    return greatest + log(reduce(0) { $0 + exp(Double($1) - greatest) })
  }
}

extension Range<Int> {
  /// The first `count` in the order of `precedes`, sorted; one pass over the rest.
  fileprivate func sorted(first count: Int, by precedes: (Int, Int) -> Bool) -> [Int] {
    var best: [Int] = []
    for candidate in self where best.count < count || precedes(candidate, best[best.count - 1]) {
      let place = best.firstIndex { precedes(candidate, $0) } ?? best.count
      best.insert(candidate, at: place)
      if best.count > count { best.removeLast() }
    }
    return best
  }
}
