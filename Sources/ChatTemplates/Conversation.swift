/// Messages and what templates see of them.
struct Conversation {
  var messages: [ChatMessage]
  var values: [Value]

  init(_ messages: [ChatMessage]) {
    self.messages = messages
    let role = Value.string("role")
    let content = Value.string("content")
    values = messages.enumerated().map { index, message in
      let isAssistant = message.role == "assistant"
      let text = Text(
        MarkedBytes(Array(message.content.utf8), message: isAssistant ? index : nil), isOpen: false)
      // A field of its own cannot hide the role or the content.
      let fields = message.fields.filter { $0.key != "role" && $0.key != "content" }.sorted { $0.key < $1.key }
      return .dict(
        DictBox(
          keys: [role, content] + fields.map { .string($0.key) },
          values: [.string(message.role), .text(text)] + fields.map { .string($0.value) },
          messageIndex: index))
    }
  }

  /// The first messages.
  func prefix(_ count: Int) -> Conversation {
    var result = self
    result.messages.removeLast(messages.count - count)
    result.values.removeLast(messages.count - count)
    return result
  }

  /// The same with another content in the last message.
  func replacingLastContent(_ content: String) -> Conversation {
    var last = messages[messages.count - 1]
    last.content = content
    var result = self
    result.messages[messages.count - 1] = last
    result.values[messages.count - 1] = Conversation([last]).values[0]
    return result
  }
}
