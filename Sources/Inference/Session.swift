public import Kernels
public import LlamaModel
public import Tokenization

/// One text that a model is reading and continuing.
///
/// A value: a copy is a branch. It shares what was read with the original and continues on its own, so that many questions
/// about one document read the document once.
public struct Session: Sendable {
  public let model: Llama
  /// What was read, in order.
  public internal(set) var tokens: [TokenID] = []
  /// Logits of the token after the last one; nil before anything was read, after `truncate`, and when reading was ended.
  public internal(set) var logits: [Float]?
  /// Scores of the tokens from the second on, as far as `readScoring(exactly:)` has told them.
  var scores: [GeneratedToken] = []
  var cache: KeyValueCache

  /// - Parameters:
  ///   - model: is frozen here.
  ///   - context: tokens the session may hold.
  public init(_ model: Llama, context: Int, cachePrecision: CachePrecision = .fp32) {
    self.model = model.frozen()
    cache = KeyValueCache(model.configuration, capacity: context, precision: cachePrecision)
  }

  public var context: Int { cache.capacity }
  public var cachePrecision: CachePrecision { cache.precision }
  /// Tokens there is room for.
  public var room: Int { context - tokens.count }
  /// Bytes of the cache and of scores, those shared with other branches included.
  public var byteCount: Int {
    cache.byteCount
      + scores.reduce(0) {
        $0 + MemoryLayout<GeneratedToken>.stride + $1.top.count * MemoryLayout<TokenProbability>.stride
      }
  }

  /// Reads more tokens; there must be room for them.
  ///
  /// - Parameter goesOn: sees how many of them were read, some thousand at a time; false ends the reading, and the
  ///   session holds what was read.
  /// - Returns: whether all were read.
  @discardableResult public mutating func read(_ more: [TokenID], goesOn: (Int) -> Bool = { _ in true }) -> Bool {
    if more.isEmpty { return true }
    let before = cache.count
    logits = model.nextLogits(after: more, cache: &cache, goesOn: goesOn)
    tokens += more.prefix(cache.count - before)
    return logits != nil
  }

  /// Forgets all but the first `count` tokens.
  public mutating func truncate(to count: Int) {
    if count == tokens.count { return }
    cache.truncate(to: count)
    tokens.removeSubrange(count...)
    scores.removeSubrange(min(scores.count, max(0, count - 1))...)
    logits = nil
  }

  /// Makes this a session that has read exactly `text`: keeps what it begins with, forgets the rest, reads what is new.
  ///
  /// - Returns: whether all was read, and how many tokens did not have to be.
  @discardableResult public mutating func read(
    exactly text: [TokenID], goesOn: (Int) -> Bool = { _ in true }
  ) -> (isWhole: Bool, reused: Int) {
    let common = commonPrefix(with: text)
    if common == text.count, common == tokens.count, logits != nil || text.isEmpty { return (true, common) }
    // The last token is read again where its logits are not known.
    let kept = min(common, max(0, text.count - 1))
    truncate(to: kept)
    return (read(Array(text[kept...]), goesOn: { goesOn(kept + $0) }), kept)
  }

  /// Lets the session hold more or fewer tokens; what no longer fits is forgotten. Not for models whose angles depend on
  /// the length (`RoPEDescription.dependsOnLength`).
  public mutating func changeContext(to context: Int) {
    precondition(
      context == self.context || !model.configuration.rope.dependsOnLength,
      "changeContext: the angles of this model depend on the context")
    truncate(to: min(tokens.count, context))
    cache.capacity = context
  }

  /// How many tokens this and a text have in common from the start.
  public func commonPrefix(with text: [TokenID]) -> Int {
    var count = 0
    while count < tokens.count, count < text.count, tokens[count] == text[count] { count += 1 }
    return count
  }
}
