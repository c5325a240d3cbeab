/// Why a record, or a turn in it, cannot be used as it stands.
public struct RecordProblem: Error, Equatable, Sendable, Codable {
  /// The reasons that reports count.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The record is broken JSON (only JSON Lines go on behind it).
    case syntax
    /// The record is not a JSON object.
    case notAnObject
    /// No `conversations`, `messages` or `data` list.
    case noTurnList
    /// The list is empty.
    case noTurns
    /// A field has another type than it must have.
    case wrongType
    /// A turn lacks its role or its content.
    case missingField
    /// A role name that nobody knows.
    case unknownRole
    /// A turn without words; the record is kept, see `ConversationRules`.
    case emptyTurn
  }

  public var kind: Kind
  public var detail: String

  init(_ kind: Kind, _ detail: String) { (self.kind, self.detail) = (kind, detail) }
}

/// A problem and where it was met.
public struct RecordIssue: Equatable, Sendable, Codable, CustomStringConvertible {
  public var location: RecordLocation
  public var problem: RecordProblem

  public var description: String { "\(location): \(problem.detail)" }
}
