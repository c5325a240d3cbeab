/// What reading one file met; nothing is left out silently.
struct ReadingReport: Equatable, Sendable, Codable {
  /// How the text ended.
  enum Ending: Equatable, Sendable, Codable {
    case whole
    /// The file stops inside a record: `byte` is its length, `recordStart` where the unfinished record begins.
    case cutOff(byte: Int, line: Int, record: Int, recordStart: Int?)
    /// JSON that cannot be read on behind `byte`: records before it are kept, the rest is not looked at.
    case broken(byte: Int, line: Int, record: Int, reason: String)
  }

  /// How many issues keep their place; all are counted.
  static let keptIssues = 20

  var file: String
  var format: ConversationFormat
  /// Whether the file is packed by gzip; bytes and places are then the unpacked ones.
  var isPacked = false
  /// Bytes read.
  var bytes = 0
  /// Whole records met, malformed ones included.
  var records = 0
  /// Records given out as conversations.
  var conversations = 0
  var turns = 0
  /// Records by shape and turns by role (raw values of `RecordShape` and `Role`).
  var shapes: [String: Int] = [:]
  var roles: [String: Int] = [:]
  /// Issues by kind (`RecordProblem.Kind` raw values).
  var issueCounts: [String: Int] = [:]
  var firstIssues: [RecordIssue] = []
  var ending = Ending.whole

  /// One line: the file, its format, bytes, records and their shapes.
  var summary: String {
    let shapes = shapes.sorted { $0.key < $1.key }.map { ", \($0.value) \($0.key)" }.joined()
    return "\(file): \(format.rawValue + (isPacked ? " in gzip" : "")), \(bytes) bytes, \(records) records\(shapes)"
  }

  /// The ending in words; nil when the file is whole.
  var warning: String? {
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

  /// Counts a record's turns.
  mutating func count(_ turns: [Turn]) {
    self.turns += turns.count
    for role in Role.allCases {
      let count = turns.count { $0.role == role }
      if count > 0 { roles[role.rawValue, default: 0] += count }
    }
  }

  mutating func note(_ problem: RecordProblem, at location: RecordLocation) {
    issueCounts[problem.kind.rawValue, default: 0] += 1
    if firstIssues.count < Self.keptIssues { firstIssues.append(RecordIssue(location: location, problem: problem)) }
  }
}

extension [ReadingReport] {
  /// How often each kind of issue was met in all files, in the kinds' order; only those that were.
  var issueCounts: [(kind: RecordProblem.Kind, count: Int)] {
    RecordProblem.Kind.allCases.compactMap { kind in
      let count = reduce(0) { $0 + $1.issueCounts[kind.rawValue, default: 0] }
      return count > 0 ? (kind, count) : nil
    }
  }
}
