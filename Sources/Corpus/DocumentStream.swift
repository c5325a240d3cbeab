import TextCleaning

/// Conversations of files as the rules leave them, batch by batch: read, joined from their parts, cleaned.
struct DocumentStream {
  /// Bytes of records, and documents, taken at once.
  static let batchBytes = 4 << 20, batchDocuments = 4096

  /// A conversation and the id its parts share.
  struct Document: Sendable {
    var conversation: Conversation
    var chat: String
  }

  let index: RecordIndex
  private var cleaner: Cleaner

  /// Reads the files once, for their records' places.
  init(
    files: [String], rules: ConversationRules, scratch: String, length: @escaping @Sendable (String) -> Int,
    _ report: inout CorpusReport, progress: (CorpusProgress) -> Void
  ) throws(CorpusError) {
    index = try RecordIndex(
      files: files, text: rules.text, joinsParts: rules.joinsParts, scratch: scratch, &report, progress: progress)
    cleaner = Cleaner(rules.cleaning, length: length)
  }

  /// Gives every document to `body`, in order; `progress` is told behind each batch.
  mutating func forEachBatch(
    _ report: inout CorpusReport, progress: (CorpusProgress) -> Void,
    _ body: ([Document], inout CorpusReport) throws -> Void
  ) throws {
    var batch: [Document] = []
    var (records, done, batchStart) = (0, 0, 0)
    func flush(_ report: inout CorpusReport) throws {
      let cleaned = cleaner.clean(batch.map(\.conversation))
      report.cleaning = cleaner.report
      try body(
        zip(batch, cleaned).flatMap { item, parts in parts.map { Document(conversation: $0, chat: item.chat) } },
        &report)
      progress(.preparing(records: records, of: index.chats.recordCount, bytes: done, ofBytes: index.byteCount))
      (batch, batchStart) = ([], done)
    }
    for chat in index.chats {
      var parts: [Conversation] = []
      for record in chat.records { parts.append(try index.conversation(record)) }
      records += parts.count
      done += chat.records.reduce(0) { $0 + index.byteCount(of: $1) }
      let id = chat.id(ofFirst: parts[0])
      batch += ConversationJoining.join(parts, &report.joining).map { Document(conversation: $0, chat: id) }
      if done - batchStart >= Self.batchBytes || batch.count >= Self.batchDocuments { try flush(&report) }
    }
    try flush(&report)
  }
}
