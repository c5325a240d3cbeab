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
