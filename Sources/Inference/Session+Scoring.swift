import LlamaModel
import TensorCore
public import Tokenization

extension Session {
  /// Reads more tokens and tells what the model thought of each of them before it saw it.
  ///
  /// - Parameters:
  ///   - more: there must be room for them.
  ///   - top: how many alternatives are told for each.
  ///   - goesOn: sees how many were read, some thousand at a time, then how many were scored; false ends it.
  /// - Returns: one for each token; the first of a text has nothing before it and is left out. Nil when it was ended:
  ///   the session then holds what was read.
  public mutating func readScoring(
    _ more: [TokenID], top: Int = 1, goesOn: (Int) -> Bool = { _ in true }
  ) -> [GeneratedToken]? {
    guard let first = more.first else { return [] }
    var scores = logits.map { [GeneratedToken(first, from: $0, top: top)] } ?? []
    let before = cache.count, states = model.read(more, into: &cache, tail: more.count, goesOn: goesOn)
    tokens += more.prefix(cache.count - before)
    logits = nil
    guard let states else { return nil }
    let width = model.configuration.vocabularySize
    for start in stride(from: 0, to: more.count, by: Self.rowsAtOnce) {
      let rows = start..<min(start + Self.rowsAtOnce, more.count)
      let values = model.logits(ofStates: states.rows(rows)).values
      for row in rows {
        let next = Array(values[(row - start) * width..<(row - start + 1) * width])
        if row + 1 < more.count {
          scores.append(GeneratedToken(more[row + 1], from: next, top: top))
        } else {
          logits = next
        }
      }
      if logits == nil, !goesOn(rows.upperBound) { return nil }
    }
    return scores
  }

  /// Makes this a session that has read exactly `text` and tells what the model thought of each of its tokens, with the
  /// bits of a new session: what was scored before stays where the rest can be read with the bits of the whole.
  ///
  /// - Parameters:
  ///   - top: how many alternatives are told for each.
  ///   - goesOn: sees how many were read, some thousand at a time, then how many were scored; false ends it.
  /// - Returns: one for each token but the first, and how many tokens did not have to be read; nil when it was ended.
  public mutating func readScoring(
    exactly text: [TokenID], top: Int = 1, goesOn: (Int) -> Bool = { _ in true }
  ) -> (scores: [GeneratedToken], reused: Int)? {
    let start = scoringStart(of: text, top: top), known = Array(scores.prefix(start))
    truncate(to: start)
    guard let more = readScoring(Array(text[start...]), top: top, goesOn: { goesOn(start + $0) }) else { return nil }
    scores = known + more
    return (known.map { $0.keeping(top: top) } + more, start)
  }

  /// Where `readScoring(exactly:)` would begin to read.
  func scoringStart(of text: [TokenID], top: Int) -> Int {
    let alternatives = min(max(1, top), model.configuration.vocabularySize)
    // Scores of tokens 1 ... known; the token at the start is read again, but its score must be known.
    let known = scores.prefix { $0.top.count >= alternatives }.count
    // Logits are formed in the same groups of rows, too.
    return model.exactStart(
      atMost: min(commonPrefix(with: text) - 1, known), of: text.count, multipleOf: Self.rowsAtOnce)
  }

  /// ln p of each token of an answer, were it given now; the session stays as it is.
  ///
  /// Something must have been read, and there must be room for the answer.
  public func logProbabilities(ofAnswer answer: [TokenID]) -> [Double] {
    var branch = self
    return branch.readScoring(answer)?.map(\.logProbability) ?? []
  }

  /// Rows of logits that are formed at a time; bounds memory.
  private static var rowsAtOnce: Int { 64 }
}
