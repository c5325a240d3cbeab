/// Which tokens stand in which sequence: every sequence exactly the context length long, in an order that is computed.
///
/// Documents are cut into windows of the context length; what remains of them, and shorter documents, are packed
/// (`Packer`). Only a last tail shorter than one sequence is left over. The same (documents, seed, stage, options) give
/// the same plan on any machine; epoch e has its own order, and `sequence(at:)` needs no history.
public struct PackingPlan: Equatable, Sendable {
  /// A document offered to the plan.
  struct Document: Equatable, Sendable {
    /// Its index in the cache.
    var index: Int
    /// Its tokens.
    var length: Int
  }

  let contextLength: Int
  let options: PackingOptions
  public let report: PackingReport
  private let seed: UInt64
  private let stage: UInt64
  /// Sequences one document fills, then packed ones.
  private let sequences: [[Piece]]

  /// Plans one stage.
  ///
  /// - Parameters:
  ///   - stage: keys the random order together with the seed, so that stages differ.
  ///   - labelledPredictions: how many of a run's next tokens are labelled; asked only where a minimum is set.
  /// - Throws: `overLength` under that policy; `tooFewTokens` when not one sequence comes out.
  init(
    documents: [Document], contextLength: Int, seed: UInt64, stage: Int, options: PackingOptions,
    labelledPredictions: (Piece) throws(CorpusError) -> Int
  ) throws(CorpusError) {
    precondition(contextLength > 0, "packing: the context length must be positive but is \(contextLength)")
    precondition(stage >= 0, "packing: the stage must not be negative but is \(stage)")
    (self.contextLength, self.options, self.seed, self.stage) = (contextLength, options, seed, UInt64(stage))
    var report = PackingReport()
    report.documents = documents.count
    report.contextLength = contextLength
    var long: [Piece] = []
    var short: [Piece] = []
    for document in documents {
      report.tokens += document.length
      try Self.cut(document, contextLength, options.overLength, long: &long, short: &short, &report)
    }
    let (full, rest) = Packer.pack(short, capacity: contextLength)
    report.tailTokens = rest.reduce(0) { $0 + $1.length }

    var sequences: [[Piece]] = []
    var sharers: [Int: Int] = [:]
    for (position, pieces) in (long.map { [$0] } + full).enumerated() {
      var predictions = 0
      for piece in pieces where predictions < options.minimumLabelled { predictions += try labelledPredictions(piece) }
      guard predictions >= options.minimumLabelled else {
        report.unlabelledSequences += 1
        report.unlabelledTokens += contextLength
        continue
      }
      if position < long.count { report.longSequences += 1 } else { report.packedSequences += 1 }
      for document in Set(pieces.map(\.document)) { sharers[document, default: 0] += 1 }
      var generator = KeyedGenerator(seed: seed, purpose: .pieces, step: UInt64(stage) << 32 | UInt64(position))
      sequences.append(pieces.count > 1 ? pieces.shuffled(using: &generator) : pieces)
    }
    report.splitDocuments = sharers.values.count { $0 > 1 }
    guard !sequences.isEmpty else {
      throw CorpusError(
        .tooFewTokens, found: "\(report.tokens) tokens in \(report.documents) documents, not one whole sequence",
        allowed: "at least \(contextLength) tokens, \(options.minimumLabelled) of them labelled",
        repair: "add data, shorten the stage's context, or choose another over-length policy than \(options.overLength)"
      )
    }
    (self.report, self.sequences) = (report, sequences)
  }

  /// Windows of one document, by the over-length policy.
  private static func cut(
    _ document: Document, _ length: Int, _ policy: PackingOptions.OverLength, long: inout [Piece],
    short: inout [Piece], _ report: inout PackingReport
  ) throws(CorpusError) {
    var rest = Piece(document: document.index, start: 0, length: document.length)
    if document.length > length {
      report.overLongDocuments += 1
      switch policy {
      case .split: break
      case .truncate:
        report.truncatedTokens += document.length - length
        rest.length = length
      case .drop:
        report.droppedDocuments += 1
        report.droppedTokens += document.length
        return
      case .error:
        throw CorpusError(
          .overLength, found: "document \(document.index) with \(document.length) tokens",
          allowed: "at most the stage's \(length) tokens, as the over-length policy is error",
          repair: "choose split, truncate or drop, or a longer context")
      }
    }
    while rest.length >= length { long.append(rest.cutFront(length)) }
    if rest.length > 0 { short.append(rest) }
  }

  // MARK: Order

  /// Sequences of one epoch.
  public var sequencesPerEpoch: Int { sequences.count }

  /// The pieces of a sequence, counted through all epochs; their lengths sum to the context length.
  func sequence(at index: Int) -> [Piece] {
    precondition(index >= 0, "packing: a sequence's index must not be negative but is \(index)")
    let slot = index % sequences.count
    let step = stage << 32 | UInt64(index / sequences.count)
    switch options.order {
    case .shuffled:
      return sequences[
        KeyedPermutation(count: sequences.count, seed: seed, purpose: .packedSequences, step: step)[slot]]
    case .longFirst where slot < report.longSequences:
      return sequences[
        KeyedPermutation(count: report.longSequences, seed: seed, purpose: .longSequences, step: step)[slot]]
    case .longFirst:
      let order = KeyedPermutation(count: report.packedSequences, seed: seed, purpose: .packedSequences, step: step)
      return sequences[report.longSequences + order[slot - report.longSequences]]
    }
  }
}
