/// Who speaks in a turn.
enum Role: String, Sendable, Codable, CaseIterable {
  case system, user, assistant
  /// Nobody: the words of a plain text, all of which are learned. No record names it.
  case text

  /// The role that a file's name for it means; nil when the name is unknown.
  ///
  /// ShareGPT calls the assistant gpt, chatgpt, bing or bard, and the user human; OpenAI's developer is a system role.
  init?(named name: String) {
    switch name.lowercased() {
    case "system", "developer": self = .system
    case "user", "human", "prompter": self = .user
    case "assistant", "gpt", "chatgpt", "bing", "bard", "bot", "model": self = .assistant
    default: return nil
    }
  }

  /// The names that `init(named:)` understands, for messages.
  static let knownNames =
    "system, developer, user, human, prompter, assistant, gpt, chatgpt, bing, bard, bot, model"

  /// Whether a name means a tool, or a call of one; such turns are refused by record.
  static func isTool(_ name: String) -> Bool {
    ["tool", "function", "ipython", "observation", "function_call", "function_response", "tool_call", "tool_response"]
      .contains(name.lowercased())
  }
}

/// What one speaker says at once.
struct Turn: Equatable, Sendable {
  var role: Role
  var content: String
  /// Whether the assistant's words here are to be learned (`train`, `weight` of a message); true by default.
  var isTrained: Bool

  init(_ role: Role, _ content: String, isTrained: Bool = true) {
    (self.role, self.content, self.isTrained) = (role, content, isTrained)
  }

  /// Whether nothing but white space is said.
  var isEmpty: Bool { content.allSatisfy(\.isWhitespace) }
}

/// Where a record stands in its file.
struct RecordLocation: Hashable, Sendable, Codable, CustomStringConvertible {
  var file: String
  /// Zero-based bytes from the record's first to behind its last.
  var bytes: Range<Int>
  /// One-based line of the record's first byte.
  var line: Int
  /// One-based count of records in the file, malformed ones included.
  var record: Int

  init(file: String, bytes: Range<Int>, line: Int, record: Int) {
    (self.file, self.bytes, self.line, self.record) = (file, bytes, line, record)
  }

  var description: String { "\(file), line \(line), byte \(bytes.lowerBound), record \(record)" }
}

/// Turns that belong together.
struct Conversation: Equatable, Sendable {
  /// The record's own name; empty when it has none.
  var id: String
  var turns: [Turn]
  /// Where its first record stands.
  var location: RecordLocation
  /// Whether the record names plugins that were at work.
  var hasPlugins: Bool

  init(id: String = "", turns: [Turn], location: RecordLocation, hasPlugins: Bool = false) {
    (self.id, self.turns, self.location, self.hasPlugins) = (id, turns, location, hasPlugins)
  }

  /// Whether this is a plain text, not a chat.
  var isText: Bool { turns.first?.role == .text }
}
