import TextCleaning

/// Conversations of files as the rules leave them, batch by batch: read, joined from their parts, cleaned.
struct DocumentStream {
  /// UTF-8 bytes of records taken at once.
  static let batchBytes = 4 << 20

  /// A conversation and the id its parts share.
  struct Document: Sendable {
    var conversation: Conversation
    var chat: String
  }

  let index: RecordIndex
  private let groups: [ConversationJoining.Group]
  private var cleaner: Cleaner

  /// Reads the files once, for their records' places.
  init(
    files: [String], rules: ConversationRules, scratch: String, length: @escaping @Sendable (String) -> Int,
    _ report: inout CorpusReport, progress: (CorpusProgress) -> Void
  ) throws(CorpusError) {
    let index = try RecordIndex(
      files: files, text: rules.text, scratch: scratch, &report, progress: progress)
    groups =
      rules.joinsParts
      ? ConversationJoining.groups(of: index.ids, &report.joining)
      : index.ids.indices.map { ConversationJoining.Group(chat: index.ids[$0], records: [$0]) }
    self.index = index
    cleaner = Cleaner(rules.cleaning, length: length)
  }

  /// Gives every document to `body`, in order; `progress` is told behind each batch.
  mutating func forEachBatch(
    _ report: inout CorpusReport, progress: (CorpusProgress) -> Void,
    _ body: ([Document], inout CorpusReport) throws -> Void
  ) throws {
    let bytes = index.byteCount
    var batch: [Document] = []
    var (records, done, batchStart) = (0, 0, 0)
    func flush(_ report: inout CorpusReport) throws {
      let cleaned = cleaner.clean(batch.map(\.conversation))
      report.cleaning = cleaner.report
      try body(
        zip(batch, cleaned).flatMap { item, parts in parts.map { Document(conversation: $0, chat: item.chat) } },
        &report)
      progress(.preparing(records: records, of: index.ids.count, bytes: done, ofBytes: bytes))
      (batch, batchStart) = ([], done)
    }
    for group in groups {
      var parts: [Conversation] = []
      for record in group.records { parts.append(try index.conversation(record)) }
      records += parts.count
      done += group.records.reduce(0) { $0 + index.byteCount(of: $1) }
      batch += ConversationJoining.join(parts, &report.joining).map { Document(conversation: $0, chat: group.chat) }
      if done - batchStart >= Self.batchBytes { try flush(&report) }
    }
    try flush(&report)
  }
}
