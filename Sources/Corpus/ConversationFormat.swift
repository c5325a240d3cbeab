/// How a conversation file is laid out.
enum ConversationFormat: String, Sendable, Codable {
  /// One JSON array of records.
  case array = "JSON array"
  /// One record a line.
  case lines = "JSON Lines"

  /// What to say when a file is neither.
  static let known = """
    a JSON array of records, or JSON Lines (one record a line); a record is ShareGPT \
    {"id", "conversations": [{"from", "value"}]}, OpenAI {"messages": [{"role", "content"}]} \
    or UltraChat {"data": ["question", "answer", …]}
    """

  /// Tells the format by the first byte that is not white space; the file's name plays no part.
  static func guess(_ head: ArraySlice<UInt8>, file: String) throws(CorpusError) -> ConversationFormat {
    let body = head.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
    switch body.first {
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "{"): return .lines
    case nil:
      throw CorpusError(
        .emptyFile, file: file, found: "nothing but white space", allowed: known, repair: "name a file with records")
    default:
      let shown = body.prefix(16).map { byte in
        (0x20..<0x7f).contains(byte) ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16)
      }.joined()
      let gzip = body.starts(with: [0x1f, 0x8b])
      let utf16 = body.starts(with: [0xff, 0xfe]) || body.starts(with: [0xfe, 0xff])
      throw CorpusError(
        .unknownFormat, file: file, byte: body.startIndex, found: "a file that begins with \(shown)", allowed: known,
        repair: gzip
          ? "unpack it with gunzip" : utf16 ? "save it as UTF-8" : "convert it to one of the formats named")
    }
  }
}
