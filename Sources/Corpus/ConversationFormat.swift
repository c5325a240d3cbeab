/// How a conversation file is laid out.
enum ConversationFormat: String, Sendable, Codable {
  /// One JSON array of records.
  case array = "JSON array"
  /// One record a line.
  case lines = "JSON Lines"
  /// No records: words, all of which are learned.
  case text = "plain text"

  /// What to say when a file is none of them.
  static let known = """
    a JSON array of records, JSON Lines (one record a line) or plain UTF-8 text, each also packed by gzip; a record is \
    ShareGPT {"id", "conversations": [{"from", "value"}]}, OpenAI {"messages": [{"role", "content"}]}, \
    UltraChat {"data": ["question", "answer", …]}, Alpaca {"instruction", "input", "output"}, \
    {"prompt", "completion"} or {"text"}
    """

  /// Tells the format by how the file begins; its name plays no part.
  ///
  /// A bracket begins an array, a brace JSON Lines, if what follows could be JSON. Anything else that is UTF-8 without
  /// control characters is plain text, but not if one of its first lines begins as a JSON record does (a broken first
  /// line must not turn records into prose), and not if its first line is a table's heading.
  static func guess(_ head: ArraySlice<UInt8>, file: String) throws(CorpusError) -> ConversationFormat {
    let body = head.drop(while: isBlank)
    guard let first = body.first else {
      throw CorpusError(
        .emptyFile, file: file, found: "nothing but white space", allowed: known, repair: "name a file with records")
    }
    let second = body.dropFirst().first { !isBlank($0) }
    switch first {
    case UInt8(ascii: "[") where second.map { "{]\"[".utf8.contains($0) } ?? true: return .array
    case UInt8(ascii: "{") where second.map { "\"}".utf8.contains($0) } ?? true: return .lines
    default: break
    }
    if let repair = repair(of: body) {
      let shown = body.prefix(16).map { byte in
        (0x20..<0x7f).contains(byte) ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16)
      }.joined()
      throw CorpusError(
        .unknownFormat, file: file, byte: body.startIndex, found: "a file that begins with \(shown)", allowed: known,
        repair: repair)
    }
    return .text
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

  /// Beginnings of files that people may take for a data set, and what to do about them.
  private static let others: [(magic: [UInt8], repair: String)] = [
    ([0xff, 0xfe], "save it as UTF-8"), ([0xfe, 0xff], "save it as UTF-8"),
    (
      Array("PAR1".utf8),
      "write the Parquet file as JSON Lines, such as by DataFrame.to_json(orient='records', lines=True)"
    ),
    (Array("ARROW1".utf8), "write the Arrow file as JSON Lines, such as by Dataset.to_json"),
    ([0x28, 0xb5, 0x2f, 0xfd], "unpack it with unzstd"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "unpack it with unxz"),
    (Array("BZh".utf8), "unpack it with bunzip2"), (Array("PK\u{3}\u{4}".utf8), "unpack it with unzip"),
    (Array("GGUF".utf8), "this is a model; name a file of conversations"),
  ]

  /// What to do about a file that is not plain text; nil if it is.
  private static func repair(of body: ArraySlice<UInt8>) -> String? {
    if let other = others.first(where: { body.starts(with: $0.magic) }) { return other.repair }
    let general = "convert it to one of the formats named"
    if body.contains(where: { $0 < 0x20 && !isBlank($0) && $0 != 0x1b }) { return general }
    // The piece may end inside a character.
    guard (0...3).contains(where: { String(validating: body.dropLast($0), as: UTF8.self) != nil }) else {
      return "save it as UTF-8"
    }
    let lines = body.split(separator: UInt8(ascii: "\n"), maxSplits: 16).prefix(16)
    if lines.contains(where: { line in
      let rest = line.drop(while: isBlank)
      return rest.first == UInt8(ascii: "{") && rest.dropFirst().first { !isBlank($0) } == UInt8(ascii: "\"")
    }) {
      return "remove what stands before the first record"
    }
    return lines.first.map(isHeading) == true ? "write the table as JSON Lines" : nil
  }

  /// Whether a line is names between commas, semicolons or tabs, without a space: the heading of a table.
  private static func isHeading(_ line: ArraySlice<UInt8>) -> Bool {
    let line = line.last == 0x0d ? line.dropLast() : line
    return [",", ";", "\t"].map { UInt8(ascii: $0) }.contains { separator in
      let cells = line.split(separator: separator, omittingEmptySubsequences: false)
      return cells.count > 1
        && cells.allSatisfy { cell in
          !cell.isEmpty
            && cell.allSatisfy { byte in
              (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "_\"".utf8.contains(byte)
            }
        }
    }
  }
}
