public import Tokenization

/// Losses over the user's documents.
public struct Perplexity: Sendable {
  public static let name = "perplexity", position = "position", sliding = "sliding"
  /// The panel at the native length.
  public static let short = "short", native = "native", agreement = "agreement"

  /// Pieces of documents of exactly `length` tokens, one after another; at most `count`, of every document in turn.
  ///
  /// - Parameter documents: tokens of each; shorter ones are left out.
  public static func pieces(of documents: [[TokenID]], length: Int, count: Int) -> [[TokenID]] {
    precondition(length >= 2, "Perplexity.pieces: expected a length of at least 2, got \(length)")
    var pieces: [[TokenID]] = [], round = 0
    while pieces.count < count {
      let before = pieces.count
      for document in documents where document.count >= (round + 1) * length && pieces.count < count {
        pieces.append(Array(document[round * length..<(round + 1) * length]))
      }
      if pieces.count == before { break }
      round += 1
    }
    return pieces
  }

  /// Documents of at least `length` tokens: texts one after another, each document from the beginning of one on; what is
  /// left at the end is too short and left out.
  public static func joined(_ texts: [[TokenID]], length: Int) -> [[TokenID]] {
    var documents: [[TokenID]] = [], document: [TokenID] = []
    for text in texts {
      document += text
      if document.count >= length {
        documents.append(document)
        document = []
      }
    }
    return documents
  }

  /// Losses of a text by position, from one pass.
  public static func buckets(_ tokens: [TokenID], _ model: any ModelUnderTest) throws -> [PositionBucket] {
    let logs = try model.scores(of: tokens).logProbabilities(of: tokens, at: 1..<tokens.count)
    var buckets = PositionBucket.doubling(to: tokens.count)
    for bucket in buckets.indices {
      let range = max(1, buckets[bucket].start)..<max(1, buckets[bucket].end)
      buckets[bucket].tokens = range.count
      buckets[bucket].loss = -range.reduce(0) { $0 + logs[$1 - 1] }
    }
    return buckets
  }

  /// The windows of a sliding evaluation: the same targets for every window size.
  ///
  /// Each has the index of the document, and where its `stride` targets begin; the first at `longest` − `stride`, so that
  /// every window up to `longest` tokens has its whole context.
  public static func targets(
    of documents: [[TokenID]], longest: Int, stride: Int, count: Int
  ) -> [(document: Int, start: Int)] {
    var targets: [(document: Int, start: Int)] = [], round = 0
    while targets.count < count {
      let before = targets.count
      for (index, document) in documents.enumerated() where targets.count < count {
        let start = longest - stride + round * stride
        if start + stride <= document.count { targets.append((index, start)) }
      }
      if targets.count == before { break }
      round += 1
    }
    return targets
  }

  /// The loss of the last `stride` tokens of a window.
  public static func lossAtEnd(
    of window: [TokenID], stride: Int, _ model: any ModelUnderTest
  ) throws -> PositionBucket {
    let range = max(1, window.count - stride)..<window.count
    let logs = try model.scores(of: window).logProbabilities(of: window, at: range)
    return PositionBucket(
      start: range.lowerBound, end: range.upperBound, tokens: range.count, loss: -logs.reduce(0, +))
  }
}
