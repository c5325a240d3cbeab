/// Labelled documents ready to become sequences, some of them held out.
public struct Corpus: Sendable {
  let cache: TokenCache
  /// Indices of the documents to train on, ascending.
  let training: [Int]
  /// Indices of the documents that training never sees, ascending.
  public let heldOut: [Int]

  /// Splits a cache's documents by the hash of their chat.
  ///
  /// A document is held out if its hash, as a fraction of 2⁶⁴, is below the share; so it stays on its side when data is
  /// added, and all documents of one chat stand on one side. Where the share would leave a side empty, the one chat
  /// nearest to the border changes sides.
  init(_ cache: TokenCache, heldOutShare: Double) {
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
    training = keys.indices.filter { !held.contains(keys[$0]) }
    heldOut = keys.indices.filter { held.contains(keys[$0]) }
  }

  /// Hash of everything that decides the documents, as 32 hexadecimal digits.
  public var fingerprint: String { cache.fingerprint }
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
