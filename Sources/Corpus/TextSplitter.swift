import TextCleaning

/// Cuts plain text into documents as its bytes come in; memory holds one document.
struct TextSplitter {
  /// One document and where it stands.
  struct Document: Equatable {
    /// Zero-based bytes in the file.
    var bytes: Range<Int>
    /// One-based line of its first byte.
    var line: Int
    /// Its words, or why there are none.
    var text: Result<String, RecordProblem>
  }

  static let separator = Array("<|endoftext|>".utf8)

  private let layout: TextLayout
  private let limit: Int
  /// What belongs to the document under way; the first byte's place and line.
  private var buffer: [UInt8] = []
  private var start: Int
  private var line = 1
  /// Bytes of the document beyond the limit, which are not kept.
  private var excess = 0
  /// Where in the buffer its last line begins.
  private var lineStart = 0

  /// - Parameters:
  ///   - start: the place of the first byte that will come.
  ///   - limit: bytes of the longest document.
  init(_ layout: TextLayout, start: Int, limit: Int = ConversationReader.largestRecord) {
    (self.layout, self.start, self.limit) = (layout, start, limit)
  }

  /// Takes the next bytes; gives the documents that end in them.
  mutating func add(_ piece: ArraySlice<UInt8>) -> [Document] {
    var documents: [Document] = []
    for byte in piece {
      if buffer.count < limit { buffer.append(byte) } else { excess += 1 }
      switch layout {
      case .whole: break
      case .blankLines where byte == 0x0a:
        if excess == 0, buffer[lineStart...].allSatisfy(ConversationFormat.isBlank) { end(at: lineStart, &documents) }
        lineStart = buffer.count
      case .endOfText
      where byte == Self.separator.last && excess == 0 && buffer.suffix(Self.separator.count) == Self.separator[...]:
        end(at: buffer.count - Self.separator.count, &documents)
      default: break
      }
    }
    return documents
  }

  /// The last document.
  mutating func finish() -> [Document] {
    var documents: [Document] = []
    end(at: buffer.count, &documents)
    return documents
  }

  /// Closes the document before a place in the buffer and begins the next behind the buffer.
  private mutating func end(at place: Int, _ documents: inout [Document]) {
    var body = buffer[..<place]
    if layout != .whole {
      body = body.drop(while: { $0 == 0x0a || $0 == 0x0d })
      while let last = body.last, last == 0x0a || last == 0x0d { body = body.dropLast() }
    }
    if excess > 0 || !body.allSatisfy(ConversationFormat.isBlank) {
      let skipped = buffer[..<body.startIndex].count { $0 == 0x0a }
      documents.append(
        Document(
          bytes: start + body.startIndex..<start + body.endIndex + excess, line: line + skipped, text: text(of: body)))
    }
    start += buffer.count + excess
    line += buffer.count { $0 == 0x0a }
    (buffer, excess, lineStart) = ([], 0, 0)
  }

  private func text(of body: ArraySlice<UInt8>) -> Result<String, RecordProblem> {
    if excess > 0 {
      return .failure(
        RecordProblem(
          .tooLong,
          "the document has \(body.count + excess) bytes, more than \(limit); "
            + "cut it by blank_lines or end_of_text"))
    }
    return String(validating: body, as: UTF8.self).map { .success($0) }
      ?? .failure(RecordProblem(.notUTF8, "the document has bytes that are not UTF-8; convert it with iconv"))
  }
}
