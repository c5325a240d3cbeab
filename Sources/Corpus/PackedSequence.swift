/// One training sequence.
public struct PackedSequence: Equatable, Sendable {
  /// What a position holds when nothing is to be predicted there.
  public static let ignored: Int32 = -1

  /// [L] token ids.
  public var tokens: [Int32]
  /// [L]: at t the token to predict, which is the next token of the same document if that token is labelled, else −1.
  ///
  /// The last position of a piece predicts the document's own next token, where the document goes on elsewhere.
  public var labels: [Int32]
  /// Ascending positions where attention begins anew; the first is 0. Only [0] when documents are concatenated.
  public var documentStarts: [Int32]

  /// Puts pieces together.
  ///
  /// - Parameter read: gives tokens and labels (1 or 0) of a run of a document.
  init<E: Error>(
    _ pieces: [Piece], mask: PackingOptions.DocumentMask, documentLength: (Int) -> Int,
    read: (Int, Range<Int>) throws(E) -> (tokens: [Int32], labelled: [UInt8])
  ) throws(E) {
    let length = pieces.reduce(0) { $0 + $1.length }
    (tokens, labels, documentStarts) = ([], [], [])
    tokens.reserveCapacity(length)
    labels.reserveCapacity(length)
    for piece in pieces {
      if mask == .isolated || tokens.isEmpty { documentStarts.append(Int32(tokens.count)) }
      let end = piece.start + piece.length
      let run = try read(piece.document, piece.start..<min(end + 1, documentLength(piece.document)))
      tokens += run.tokens.prefix(piece.length)
      for next in 1...piece.length {
        let isLabelled = next < run.tokens.count && run.labelled[next] != 0
        labels.append(isLabelled ? run.tokens[next] : Self.ignored)
      }
    }
  }
}
