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
  /// has these blocks' text as its spans, without what a generation prompt would write there. Messages with `isTrained == false` have none.
  public var assistantSpans: [AssistantSpan]

  public init(text: String, assistantSpans: [AssistantSpan]) {
    self.text = text
    self.assistantSpans = assistantSpans
  }
}
