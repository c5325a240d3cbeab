import Foundation
public import LlamaModel
import TensorCore
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
  case tokenLimit
  case contextFull
}

extension Llama {
  /// The greedy continuation of a prompt: always the most probable token, the lower id on a tie.
  ///
  /// - Parameters:
  ///   - prompt: at least one token.
  ///   - context: tokens the cache has room for; the prompt and its continuation must fit.
  ///   - top: how many alternatives to report for each token.
  ///   - onToken: sees each token as it comes; false ends the generation.
  public func generateGreedily(
    after prompt: [TokenID], maximumTokens: Int, context: Int, stoppingAt stops: Set<TokenID>, top: Int = 1,
    onToken: (GeneratedToken) -> Bool = { _ in true }
  ) -> (tokens: [GeneratedToken], reason: StopReason) {
    let model = frozen()
    var cache = KeyValueCache(configuration, capacity: context), tokens: [GeneratedToken] = [], next = prompt
    while tokens.count < maximumTokens {
      if cache.count + next.count >= context { return (tokens, .contextFull) }
      let token = GeneratedToken(choosingFrom: model.nextLogits(after: next, cache: &cache), top: max(1, top))
      tokens.append(token)
      if stops.contains(token.id) { return (tokens, .stopToken) }
      if !onToken(token) { return (tokens, .tokenLimit) }
      next = [token.id]
    }
    return (tokens, .tokenLimit)
  }
}

extension GeneratedToken {
  /// The most probable token, with the `top` best.
  init(choosingFrom logits: [Float], top: Int) {
    let greatest = Double(logits.max() ?? 0)
    let logSum = greatest + log(logits.reduce(0) { $0 + exp(Double($1) - greatest) })
    let best = logits.indices.sorted(first: top) { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }
    self.top = best.map { TokenProbability(id: TokenID($0), logProbability: Double(logits[$0]) - logSum) }
    (id, logProbability) = (self.top[0].id, self.top[0].logProbability)
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
