/// Where every usable record stands, so that chats can be joined without holding the files in memory.
struct RecordIndex {
  private(set) var ids: [String] = []
  private(set) var locations: [RecordLocation] = []
  private var sources: [String: SourceFile] = [:]

  /// Reads all files once and keeps the ids and places of their records.
  init(
    files: [String], _ report: inout CorpusReport, progress: (CorpusProgress) -> Void
  ) throws(CorpusError) {
    for file in files {
      let reader = try ConversationReader(file: file)
      while let conversation = try reader.next() {
        ids.append(conversation.id)
        locations.append(conversation.location)
        if ids.count.isMultiple(of: 2048) {
          progress(.reading(file: file, bytes: reader.report.bytes, conversations: reader.report.conversations))
        }
      }
      progress(.reading(file: file, bytes: reader.report.bytes, conversations: reader.report.conversations))
      report.files.append(reader.report)
      sources[file] = try SourceFile(path: file)
    }
  }

  /// Reads one record again.
  func conversation(_ record: Int) throws(CorpusError) -> Conversation {
    let location = locations[record]
    guard let source = sources[location.file] else {
      preconditionFailure("record index: \(location.file) was not read")
    }
    return try ConversationReader.conversation(at: location, in: source)
  }
}
