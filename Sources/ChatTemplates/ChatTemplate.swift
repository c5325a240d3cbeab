/// A model's chat template: turns a conversation into the text that the model reads.
///
/// The Jinja of Hugging Face's `apply_chat_template`: `trim_blocks` and `lstrip_blocks` on, `break` and `continue`,
/// `{% generation %}`, `raise_exception`, `strftime_now`, `tojson` without HTML escapes. A template sees `messages`,
/// `add_generation_prompt`, the special tokens' texts, and `tools` and `documents` as none.
public struct ChatTemplate: Sendable {
  let program: Program

  /// Parses a template; the error says line, column, what was found and what is allowed.
  public init(_ source: String) throws(TemplateError) { program = try Parser.program(source) }

  /// Writes a conversation and finds where the assistant speaks.
  ///
  /// The time is proportional to the text for templates that are themselves linear.
  /// - Parameters:
  ///   - addingGenerationPrompt: Whether the beginning of an assistant's turn stands at the end.
  ///   - specials: The tokenizer's special tokens as text.
  ///   - date: What `strftime_now` writes. Without it the function is undefined, and templates take the fixed date they
  ///     carry, so that the same conversation gives the same text tomorrow.
  public func render(
    _ messages: [ChatMessage], addingGenerationPrompt: Bool = false, specials: SpecialTexts = SpecialTexts(),
    date: CalendarDate? = nil
  ) throws(TemplateError) -> RenderedChat {
    let conversation = Conversation(messages)
    let setting = Setting(program: program, specials: specials, date: date)
    let content = try setting.run(conversation, addingGenerationPrompt: addingGenerationPrompt).content
    let spans = try setting.spans(in: content, of: conversation)
    return RenderedChat(text: String(decoding: content.bytes, as: UTF8.self), assistantSpans: spans)
  }
}

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

/// A template and what stays the same over all its runs.
struct Setting {
  var program: Program
  var specials: SpecialTexts
  var date: CalendarDate?

  /// One rendering, and the steps of work that it took.
  func run(_ conversation: Conversation, addingGenerationPrompt: Bool) throws(TemplateError) -> (
    content: MarkedBytes, work: Int
  ) {
    var variables: [String: Value] = [
      "messages": .list(conversation.values), "tools": .none, "documents": .none,
      "add_generation_prompt": .bool(addingGenerationPrompt),
    ]
    let texts = [
      "bos_token": specials.bos, "eos_token": specials.eos, "unk_token": specials.unknown,
      "pad_token": specials.padding,
    ]
    for (name, text) in texts { if let text { variables[name] = .string(text) } }
    let bytes = conversation.messages.reduce(0) { sum, message in
      message.fields.reduce(sum + message.role.utf8.count + message.content.utf8.count) {
        $0 + $1.key.utf8.count + $1.value.utf8.count
      }
    }
    let renderer = Renderer(
      program, variables: variables,
      assistants: Set(conversation.messages.indices.filter { conversation.messages[$0].role == "assistant" }),
      date: date,
      // Small fixed allowance, each byte of the input some times over, each message a few times the whole template.
      workLimit: 200_000 + 2 * bytes + (conversation.messages.count + 1) * 4 * (program.nodeCount + 16))
    let content = try renderer.run()
    return (content, renderer.work)
  }
}
