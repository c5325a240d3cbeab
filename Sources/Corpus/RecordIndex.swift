import TextCleaning

/// Where every usable record stands, so that chats can be joined without holding the files in memory.
struct RecordIndex {
  /// The records by chat.
  private(set) var chats = ChatGrouping()
  /// In blocks, because an array that doubles holds everything twice while it does.
  private var places: [[Place]] = []
  /// Bytes of all records.
  private(set) var byteCount = 0
  private var sources: [(file: SourceFile, format: ConversationFormat)?] = []

  private static let blockLength = 4096

  /// A record's location in 24 bytes, since there may be millions.
  private struct Place {
    var start: Int
    var length: UInt32, line: UInt32, record: UInt32, file: UInt32

    init(_ location: RecordLocation, file: Int) {
      start = location.bytes.lowerBound
      length = UInt32(clamping: location.bytes.count)
      line = UInt32(clamping: location.line)
      record = UInt32(clamping: location.record)
      self.file = UInt32(clamping: file)
    }
  }

  /// Reads all files once and keeps the places of their records, by chat.
  ///
  /// - Parameters:
  ///   - joinsParts: whether records whose ids say so belong to one chat.
  ///   - scratch: a folder with room for the unpacked bytes of packed files, while the index lives.
  init(
    files: [String], text: TextLayout, joinsParts: Bool, scratch: String, _ report: inout CorpusReport,
    progress: (CorpusProgress) -> Void
  ) throws(CorpusError) {
    for (number, file) in files.enumerated() {
      let reader = try ConversationReader(file: file, text: text)
      func tell() {
        let (done, all) = reader.progress
        progress(.reading(file: file, bytes: done, of: all, conversations: reader.report.conversations))
      }
      while let conversation = try reader.next() {
        add(Place(conversation.location, file: number))
        chats.add(joinsParts ? conversation.id : nil)
        if chats.recordCount.isMultiple(of: 2048) { tell() }
      }
      tell()
      report.files.append(reader.report)
      if reader.report.conversations > 0 {
        sources.append((try SourceFile(path: file).unpacked(in: scratch), reader.report.format))
      } else {
        sources.append(nil)
      }
    }
    chats.finish(&report.joining)
  }

  private mutating func add(_ place: Place) {
    if chats.recordCount.isMultiple(of: Self.blockLength) {
      places.append([])
      places[places.count - 1].reserveCapacity(Self.blockLength)
    }
    places[places.count - 1].append(place)
    byteCount += Int(place.length)
  }

  private func place(of record: Int) -> Place { places[record / Self.blockLength][record % Self.blockLength] }

  /// Bytes of one record.
  func byteCount(of record: Int) -> Int { Int(place(of: record).length) }

  /// Reads one record again.
  func conversation(_ record: Int) throws(CorpusError) -> Conversation {
    let place = place(of: record)
    guard let source = sources[Int(place.file)] else {
      preconditionFailure("record index: file \(place.file) gave no records")
    }
    let location = RecordLocation(
      file: source.file.path, bytes: place.start..<place.start + Int(place.length), line: Int(place.line),
      record: Int(place.record))
    return try ConversationReader.conversation(at: location, in: source.file, format: source.format)
  }
}
