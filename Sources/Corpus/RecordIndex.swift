import TextCleaning

/// Where every usable record stands, so that chats can be joined without holding the files in memory.
struct RecordIndex {
  private(set) var ids: [String] = []
  private(set) var locations: [RecordLocation] = []
  private var sources: [String: (file: SourceFile, format: ConversationFormat)] = [:]

  /// Reads all files once and keeps the ids and places of their records.
  ///
  /// - Parameter scratch: a folder with room for the unpacked bytes of packed files, while the index lives.
  init(
    files: [String], text: TextLayout, scratch: String, _ report: inout CorpusReport,
    progress: (CorpusProgress) -> Void
  ) throws(CorpusError) {
    for file in files {
      let reader = try ConversationReader(file: file, text: text)
      func tell() {
        let (done, all) = reader.progress
        progress(.reading(file: file, bytes: done, of: all, conversations: reader.report.conversations))
      }
      while let conversation = try reader.next() {
        ids.append(conversation.id)
        locations.append(conversation.location)
        if ids.count.isMultiple(of: 2048) { tell() }
      }
      tell()
      report.files.append(reader.report)
      if reader.report.conversations > 0 {
        sources[file] = (try SourceFile(path: file).unpacked(in: scratch), reader.report.format)
      }
    }
  }

  /// Bytes of all records.
  var byteCount: Int { locations.reduce(0) { $0 + $1.bytes.count } }

  /// Reads one record again.
  func conversation(_ record: Int) throws(CorpusError) -> Conversation {
    let location = locations[record]
    guard let source = sources[location.file] else {
      preconditionFailure("record index: \(location.file) was not read")
    }
    return try ConversationReader.conversation(at: location, in: source.file, format: source.format)
  }
}
