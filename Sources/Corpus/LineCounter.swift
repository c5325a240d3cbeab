/// Counts line feeds up to places that only move forward.
struct LineCounter {
  /// One-based line of the place reached.
  private(set) var line = 1
  private var place = 0

  /// Moves to a place inside (or just behind) the piece that begins at `start`.
  mutating func advance(to target: Int, in piece: [UInt8], startingAt start: Int) {
    let from = max(place - start, 0)
    let to = min(target - start, piece.count)
    if from < to {
      var feeds = 0
      for index in from..<to where piece[index] == UInt8(ascii: "\n") { feeds += 1 }
      line += feeds
    }
    place = max(place, target)
  }
}
