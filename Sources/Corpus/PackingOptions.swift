/// How documents become sequences of one length.
public struct PackingOptions: Equatable, Sendable, Codable {
  /// Whether documents in one sequence see each other.
  public enum DocumentMask: String, Sendable, Codable, CaseIterable {
    /// Attention stops at document starts.
    case isolated
    /// The sequence is one text to attention.
    case concatenated
  }

  /// Which sequences come first in an epoch.
  public enum Order: String, Sendable, Codable, CaseIterable {
    /// Sequences filled by one long document first, then the packed ones; each kind shuffled by itself.
    case longFirst
    /// All sequences shuffled together.
    case shuffled
  }

  /// What happens to a document longer than the sequence.
  public enum OverLength: String, Sendable, Codable, CaseIterable {
    /// Cut into windows; nothing is lost.
    case split
    /// The first window is kept.
    case truncate
    /// The document is left out.
    case drop
    /// Planning fails and names the document.
    case error
  }

  /// Isolated unless asked for otherwise.
  public var documentMask: DocumentMask
  public var order: Order
  /// Has no default: what happens to long documents must be said.
  public var overLength: OverLength
  /// Sequences that predict fewer labelled tokens are left out and counted; 1 leaves out those without any.
  public var minimumLabelled: Int

  public init(
    documentMask: DocumentMask = .isolated, order: Order = .longFirst, overLength: OverLength, minimumLabelled: Int = 1
  ) {
    precondition(minimumLabelled >= 0, "packing: minimumLabelled must not be negative but is \(minimumLabelled)")
    (self.documentMask, self.order) = (documentMask, order)
    (self.overLength, self.minimumLabelled) = (overLength, minimumLabelled)
  }
}

/// A run of one document's tokens.
public struct Piece: Hashable, Sendable, Codable {
  /// The document's index in the cache.
  public var document: Int
  /// The first token of the run, counted inside the document.
  public var start: Int
  public var length: Int

  public init(document: Int, start: Int, length: Int) {
    (self.document, self.start, self.length) = (document, start, length)
  }

  /// Cuts the first `count` tokens off and gives them.
  mutating func cutFront(_ count: Int) -> Piece {
    defer { (start, length) = (start + count, length - count) }
    return Piece(document: document, start: start, length: count)
  }
}

/// What packing did; nothing is left out silently.
public struct PackingReport: Equatable, Sendable, Codable {
  public var documents = 0
  /// Tokens of all documents offered.
  public var tokens = 0
  public var contextLength = 0
  /// Sequences that one document fills alone.
  public var longSequences = 0
  public var packedSequences = 0
  /// Documents longer than the context length.
  public var overLongDocuments = 0
  /// Documents that stand in more than one sequence.
  public var splitDocuments = 0
  /// Documents left out, and tokens cut, by the over-length policy.
  public var droppedDocuments = 0
  public var droppedTokens = 0
  public var truncatedTokens = 0
  /// The last tokens, too few for one more sequence.
  public var tailTokens = 0
  /// Sequences (and their tokens) with fewer labelled predictions than the minimum.
  public var unlabelledSequences = 0
  public var unlabelledTokens = 0

  /// Sequences an epoch trains on.
  public var sequences: Int { longSequences + packedSequences }
  /// Tokens an epoch trains on: all but the ones counted as left out.
  public var usedTokens: Int { sequences * contextLength }
  /// Tokens that no sequence holds.
  public var lostTokens: Int { droppedTokens + truncatedTokens + tailTokens + unlabelledTokens }
}
