import JSONText

/// How conversations are written for other programs: one JSON object a line.
public enum ConversationForm: String, CaseIterable, Sendable, Codable {
  /// `{"id", "messages": [{"role", "content"}]}`; `"weight": 0` at what is not to be learned.
  case openAI = "openai"
  /// `{"id", "conversations": [{"from", "value"}]}`; `"train": false` at what is not to be learned.
  case shareGPT = "sharegpt"

  /// Adds a conversation's line. A plain text is `{"text"}` in both forms.
  func append(_ conversation: Conversation, to bytes: inout [UInt8]) {
    json(conversation).write(to: &bytes, .line)
    bytes.append(UInt8(ascii: "\n"))
  }

  private func json(_ conversation: Conversation) -> JSONValue {
    if conversation.isText { return ["text": .string(conversation.turns.map(\.content).joined(separator: "\n\n"))] }
    var object = JSONObject()
    if !conversation.id.isEmpty { object.append("id", .string(conversation.id)) }
    object.append(self == .openAI ? "messages" : "conversations", .array(conversation.turns.map(json)))
    return .object(object)
  }

  private func json(_ turn: Turn) -> JSONValue {
    var object = JSONObject()
    switch self {
    case .openAI:
      object.append("role", .string(turn.role.rawValue))
      object.append("content", .string(turn.content))
      if !turn.isTrained { object.append("weight", 0) }
    case .shareGPT:
      let name = turn.role == .user ? "human" : turn.role == .assistant ? "gpt" : turn.role.rawValue
      object.append("from", .string(name))
      object.append("value", .string(turn.content))
      if !turn.isTrained { object.append("train", false) }
    }
    return .object(object)
  }
}
