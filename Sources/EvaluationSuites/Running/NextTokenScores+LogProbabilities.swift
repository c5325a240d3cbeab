import Foundation
public import Tokenization

extension NextTokenScores {
  /// Rows of logits that are formed at a time; bounds memory.
  private static var tile: Int { 64 }

  /// ln p(tokens[i] | tokens[..<i]) for each i in a range that begins at 1 or later. Shape: [range].
  ///
  /// - Parameter tokens: the text that was scored.
  public func logProbabilities(of tokens: [TokenID], at range: Range<Int>) -> [Double] {
    precondition(
      range.lowerBound >= 1 && range.upperBound <= tokens.count,
      "logProbabilities: expected a range in 1..<\(tokens.count), got \(range)")
    var result: [Double] = []
    forEachRow(range.lowerBound - 1..<range.upperBound - 1) { row, logits in
      result.append(Double(logits[Int(tokens[row + 1])]) - Self.logSum(logits))
    }
    return result
  }

  /// Hands over the logits of each row.
  func forEachRow(_ rows: Range<Int>, _ visit: (Int, ArraySlice<Float>) -> Void) {
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.tile) {
      let part = start..<min(start + Self.tile, rows.upperBound), values = logits(part)
      for row in part {
        let first = (row - start) * vocabularySize
        // A slice of its own, so that its indices are token numbers.
        visit(row, Array(values[first..<(first + vocabularySize)])[...])
      }
    }
  }

  /// How the next-token distributions agree with those of another model of the same vocabulary, over rows.
  ///
  /// - Returns: mean KL(base ‖ self) in nats, and the part of the rows at which both prefer the same token.
  public func agreement(withBase base: any NextTokenScores, rows: Range<Int>) -> (divergence: Double, sameTop: Double) {
    precondition(
      base.vocabularySize == vocabularySize && !rows.isEmpty,
      "agreement: expected rows and one vocabulary, got \(rows) and \(base.vocabularySize), \(vocabularySize) tokens")
    var divergence = 0.0, same = 0
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.tile) {
      let part = start..<min(start + Self.tile, rows.upperBound)
      let (mine, theirs) = (logits(part), base.logits(part))
      for row in 0..<part.count {
        let range = row * vocabularySize..<(row + 1) * vocabularySize
        let (p, q) = (theirs[range], mine[range])
        let (pSum, qSum) = (Self.logSum(p), Self.logSum(q))
        for (a, b) in zip(p, q) {
          let logP = Double(a) - pSum
          divergence += exp(logP) * (logP - (Double(b) - qSum))
        }
        same += Self.best(p) == Self.best(q) ? 1 : 0
      }
    }
    return (divergence / Double(rows.count), Double(same) / Double(rows.count))
  }

  private static func logSum(_ logits: ArraySlice<Float>) -> Double {
    let greatest = Double(logits.max() ?? 0)
    return greatest + log(logits.reduce(0) { $0 + exp(Double($1) - greatest) })
  }

  /// The place of the greatest, the first on a tie.
  private static func best(_ logits: ArraySlice<Float>) -> Int {
    let greatest = logits.max()
    return (logits.firstIndex { $0 == greatest } ?? logits.startIndex) - logits.startIndex
  }
}
