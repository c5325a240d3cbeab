/// How a conversation file is laid out.
public enum ConversationFormat: String, Sendable, Codable {
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

/// What reading one file met; nothing is left out silently.
public struct ReadingReport: Equatable, Sendable, Codable {
  /// How the text ended.
  public enum Ending: Equatable, Sendable, Codable {
    case whole
    /// The file stops inside a record: `byte` is its length, `recordStart` where the unfinished record begins.
    case cutOff(byte: Int, line: Int, record: Int, recordStart: Int?)
    /// JSON that cannot be read on behind `byte`: records before it are kept, the rest is not looked at.
    case broken(byte: Int, line: Int, record: Int, reason: String)
  }

  /// How many issues keep their place; all are counted.
  public static let keptIssues = 20

  public var file: String
  public var format: ConversationFormat
  /// Bytes read.
  public var bytes = 0
  /// Whole records met, malformed ones included.
  public var records = 0
  /// Records given out as conversations.
  public var conversations = 0
  public var turns = 0
  /// Issues by kind (`RecordProblem.Kind` raw values).
  public var issueCounts: [String: Int] = [:]
  public var firstIssues: [RecordIssue] = []
  public var ending = Ending.whole

  /// Records that could not be used.
  public var malformed: Int { records - conversations }

  /// The ending in words; nil when the file is whole.
  public var warning: String? {
    switch ending {
    case .whole: nil
    case .cutOff(let byte, let line, let record, let start):
      "\(file) is cut off at byte \(byte), line \(line), inside record \(record)"
        + (start.map { ", which begins at byte \($0)" } ?? "") + "; the \(records) whole records before it are used"
    case .broken(let byte, let line, let record, let reason):
      "\(file) breaks at byte \(byte), line \(line), in record \(record) (\(reason)); "
        + "the \(records) whole records before it are used, what follows is not"
    }
  }

  mutating func note(_ problem: RecordProblem, at location: RecordLocation) {
    issueCounts[problem.kind.rawValue, default: 0] += 1
    if firstIssues.count < Self.keptIssues { firstIssues.append(RecordIssue(location: location, problem: problem)) }
  }
}
