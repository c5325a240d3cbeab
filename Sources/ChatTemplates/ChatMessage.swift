/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable {
  /// Who speaks: `system`, `user`, `assistant`, `tool` or what else the template knows.
  public var role: String
  /// What is said.
  public var content: String
  /// Whether an assistant's turn is labelled; other roles never are. The default is true.
  public var isTrained: Bool
  /// Further fields that the template may read, such as `name` or `reasoning_content`.
  public var fields: [String: String]

  public init(role: String, content: String, isTrained: Bool = true, fields: [String: String] = [:]) {
    self.role = role
    self.content = content
    self.isTrained = isTrained
    self.fields = fields
  }
}

/// The tokenizer's special tokens as text; a template sees an absent one as undefined.
public struct SpecialTexts: Sendable, Equatable {
  /// `bos_token`.
  public var bos: String?
  /// `eos_token`.
  public var eos: String?
  /// `unk_token`.
  public var unknown: String?
  /// `pad_token`.
  public var padding: String?

  public init(bos: String? = nil, eos: String? = nil, unknown: String? = nil, padding: String? = nil) {
    self.bos = bos
    self.eos = eos
    self.unknown = unknown
    self.padding = padding
  }
}

/// A conversation as the model reads it, with the places where the assistant speaks.
public struct RenderedChat: Sendable, Equatable {
  /// The place of one assistant message.
  public struct AssistantSpan: Sendable, Equatable {
    /// Index of the message in the conversation.
    public var messageIndex: Int
    /// UTF-8 byte range of the text; the end-of-turn token that follows is not part of it.
    public var range: Range<Int>

    public init(messageIndex: Int, range: Range<Int>) {
      self.messageIndex = messageIndex
      self.range = range
    }
  }

  /// The whole conversation.
  public var text: String
  /// Where trained assistant messages stand, in the order of the text.
  ///
  /// A span is the content as the template really wrote it (trimmed, say). A message written as empty text has an
  /// empty span, so that its end of turn can still be found. A message whose template has `{% generation %}` blocks
  /// has these blocks' text as its spans. Messages with `isTrained == false` have none.
  public var assistantSpans: [AssistantSpan]

  public init(text: String, assistantSpans: [AssistantSpan]) {
    self.text = text
    self.assistantSpans = assistantSpans
  }
}
