/// A run of one document's tokens.
struct Piece: Hashable, Sendable, Codable {
  /// The document's index in the cache.
  var document: Int
  /// The first token of the run, counted inside the document.
  var start: Int
  var length: Int

  init(document: Int, start: Int, length: Int) {
    (self.document, self.start, self.length) = (document, start, length)
  }

  /// Cuts the first `count` tokens off and gives them.
  mutating func cutFront(_ count: Int) -> Piece {
    defer { (start, length) = (start + count, length - count) }
    return Piece(document: document, start: start, length: count)
  }
}
