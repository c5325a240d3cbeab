import Kernels

/// One sequence to train or score on.
public struct TokenSequence: Equatable, Sendable {
  /// Token ids. Shape: [n].
  public var tokens: [Int32]
  /// The token to predict at each position, −1 where none is asked for. Shape: [n].
  public var labels: [Int32]
  /// Where isolated documents begin, ascending from 0; [0] when the sequence is one document.
  public var documentStarts: [Int32]

  public init(tokens: [Int32], labels: [Int32], documentStarts: [Int32] = [0]) {
    require(
      tokens.count == labels.count, "TokenSequence: expected \(tokens.count) labels, got \(labels.count)")
    (self.tokens, self.labels, self.documentStarts) = (tokens, labels, documentStarts)
  }

  /// A text of which every next token is predicted.
  public init(predictingEachOf tokens: [Int32]) {
    self.init(tokens: tokens, labels: tokens.dropFirst() + [-1])
  }

  /// Labels other than −1.
  public var labelCount: Int { labels.count { $0 >= 0 } }
}
