/// How conversations are written for other programs: one JSON object a line.
public enum ConversationForm: String, CaseIterable, Sendable, Codable {
  /// `{"id", "messages": [{"role", "content"}]}`; `"weight": 0` at what is not to be learned.
  case openAI = "openai"
  /// `{"id", "conversations": [{"from", "value"}]}`; `"train": false` at what is not to be learned.
  case shareGPT = "sharegpt"

  /// Adds a conversation's line. A plain text is `{"text"}` in both forms.
  func append(_ conversation: Conversation, to bytes: inout [UInt8]) {
    if conversation.isText {
      bytes += "{\"text\": ".utf8
      JSONText.append(conversation.turns.map(\.content).joined(separator: "\n\n"), to: &bytes)
      bytes += "}\n".utf8
      return
    }
    bytes.append(UInt8(ascii: "{"))
    if !conversation.id.isEmpty {
      bytes += "\"id\": ".utf8
      JSONText.append(conversation.id, to: &bytes)
      bytes += ", ".utf8
    }
    bytes += (self == .openAI ? "\"messages\": [" : "\"conversations\": [").utf8
    for (index, turn) in conversation.turns.enumerated() {
      bytes += (index > 0 ? ", " : "").utf8
      append(turn, to: &bytes)
    }
    bytes += "]}\n".utf8
  }

  private func append(_ turn: Turn, to bytes: inout [UInt8]) {
    switch self {
    case .openAI: bytes += "{\"role\": \"\(turn.role.rawValue)\", \"content\": ".utf8
    case .shareGPT:
      let name = turn.role == .user ? "human" : turn.role == .assistant ? "gpt" : turn.role.rawValue
      bytes += "{\"from\": \"\(name)\", \"value\": ".utf8
    }
    JSONText.append(turn.content, to: &bytes)
    if !turn.isTrained { bytes += (self == .openAI ? ", \"weight\": 0" : ", \"train\": false").utf8 }
    bytes += "}".utf8
  }
}
