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
  /// Bytes read.
  var bytes = 0
  /// Whole records met, malformed ones included.
  var records = 0
  /// Records given out as conversations.
  var conversations = 0
  var turns = 0
  /// Issues by kind (`RecordProblem.Kind` raw values).
  var issueCounts: [String: Int] = [:]
  var firstIssues: [RecordIssue] = []
  var ending = Ending.whole

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

  mutating func note(_ problem: RecordProblem, at location: RecordLocation) {
    issueCounts[problem.kind.rawValue, default: 0] += 1
    if firstIssues.count < Self.keptIssues { firstIssues.append(RecordIssue(location: location, problem: problem)) }
  }
}
