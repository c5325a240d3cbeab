/// Labelled documents ready to become sequences, some of them held out.
public struct Corpus: Sendable {
  public let cache: TokenCache
  /// Indices of the documents to train on, ascending.
  public let training: [Int]
  /// Indices of the documents that training never sees, ascending.
  public let heldOut: [Int]
  /// What the user should hear: files that break, caches that were rebuilt.
  public let notices: [String]

  /// Splits a cache's documents by the hash of their chat.
  ///
  /// A document is held out if its hash, as a fraction of 2⁶⁴, is below the share; so it stays on its side when data is
  /// added, and all documents of one chat stand on one side. Where the share would leave a side empty, the one chat
  /// nearest to the border changes sides.
  public init(_ cache: TokenCache, heldOutShare: Double, notices: [String] = []) {
    precondition(
      heldOutShare >= 0 && heldOutShare < 1, "corpus: the held-out share must be in 0..<1 but is \(heldOutShare)")
    let keys = cache.keys.map { UInt64(bitPattern: $0) }
    var held = Set(keys.filter { Double($0) < heldOutShare * 0x1p64 })
    let all = Set(keys)
    if heldOutShare > 0, all.count > 1 {
      if held.isEmpty, let least = all.min() { held = [least] }
      if held.count == all.count, let most = all.max() { held.remove(most) }
    }
    self.cache = cache
    self.notices = notices
    training = keys.indices.filter { !held.contains(keys[$0]) }
    heldOut = keys.indices.filter { held.contains(keys[$0]) }
  }

  /// What became of the sources.
  public var report: CorpusReport { cache.report }

  /// Plans the sequences of one stage from the documents to train on.
  ///
  /// - Throws: `overLength`, `tooFewTokens`, `damagedCache`.
  public func plan(
    contextLength: Int, seed: UInt64, stage: Int, options: PackingOptions
  ) throws(CorpusError) -> PackingPlan {
    try plan(training, contextLength, seed, stage, options)
  }

  /// Plans sequences from the held-out documents.
  public func heldOutPlan(
    contextLength: Int, seed: UInt64, stage: Int, options: PackingOptions
  ) throws(CorpusError) -> PackingPlan {
    try plan(heldOut, contextLength, seed, stage, options)
  }

  private func plan(
    _ documents: [Int], _ contextLength: Int, _ seed: UInt64, _ stage: Int, _ options: PackingOptions
  ) throws(CorpusError) -> PackingPlan {
    try PackingPlan(
      documents: documents.map { PackingPlan.Document(index: $0, length: cache.length(of: $0)) },
      contextLength: contextLength, seed: seed, stage: stage, options: options,
      labelledPredictions: { (piece) throws(CorpusError) in try cache.labelledPredictions(of: piece) })
  }

  /// The tokens and labels of a plan's sequence, counted through all epochs.
  public func sequence(at index: Int, of plan: PackingPlan) throws(CorpusError) -> PackedSequence {
    try PackedSequence(
      plan.sequence(at: index), mask: plan.options.documentMask, documentLength: cache.length,
      read: { (document, range) throws(CorpusError) in try cache.read(document, range) })
  }
}

/// What is going on while a corpus is built.
public enum CorpusProgress: Equatable, Sendable, CustomStringConvertible {
  /// The cache fits and is used as it is.
  case reused(path: String)
  /// Records are being found: bytes of the file read so far.
  case reading(file: String, bytes: Int, conversations: Int)
  /// Documents are being encoded: records done, of how many.
  case encoding(records: Int, of: Int, tokens: Int)
  /// Another process is encoding the same data; its cache will do.
  case waiting(path: String)
  /// Something the user should hear.
  case notice(String)

  public var description: String {
    switch self {
    case .reused(let path): "using the token cache \(path)"
    case .reading(let file, let bytes, let count): "reading \(file): \(bytes / 1_000_000) MB, \(count) conversations"
    case .encoding(let records, let all, let tokens): "encoding: \(records) of \(all) records, \(tokens) tokens"
    case .waiting(let path): "waiting for another process that writes \(path)"
    case .notice(let text): text
    }
  }
}
