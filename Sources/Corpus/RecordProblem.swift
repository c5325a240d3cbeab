/// Why a record, or a turn in it, cannot be used as it stands.
struct RecordProblem: Error, Equatable, Sendable, Codable {
  /// The reasons that reports count.
  enum Kind: String, Sendable, Codable, CaseIterable {
    /// The record is broken JSON (only JSON Lines go on behind it).
    case syntax
    /// The record is not a JSON object.
    case notAnObject
    /// No list of turns, and none of the other shapes' keys.
    case noTurnList
    /// The list is empty.
    case noTurns
    /// A field has another type than it must have.
    case wrongType
    /// A turn lacks its role or its content.
    case missingField
    /// A role name that nobody knows.
    case unknownRole
    /// A tool is called or answers: what is learned would depend on words that are not in the record's turns.
    case toolUse
    /// More than `RecordBuilder.maximumTurns` turns, or `ConversationReader.largestRecord` bytes.
    case tooLong
    /// Text that is not UTF-8.
    case notUTF8
    /// Definitions of tools that no turn uses; the record is kept without them.
    case toolDefinitions
    /// A turn without words; the record is kept, see `ConversationRules`.
    case emptyTurn
  }

  var kind: Kind
  var detail: String

  /// Whether a record with this problem is used all the same.
  var isHarmless: Bool { kind == .emptyTurn || kind == .toolDefinitions }

  init(_ kind: Kind, _ detail: String) { (self.kind, self.detail) = (kind, detail) }
}

/// A problem and where it was met.
struct RecordIssue: Equatable, Sendable, Codable, CustomStringConvertible {
  var location: RecordLocation
  var problem: RecordProblem

  var description: String { "\(location): \(problem.detail)" }
}
