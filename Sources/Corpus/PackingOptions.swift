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
