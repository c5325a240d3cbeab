/// A model's chat template: turns a conversation into the text that the model reads.
///
/// The Jinja of Hugging Face's `apply_chat_template`: `trim_blocks` and `lstrip_blocks` on, `break` and `continue`,
/// `{% generation %}`, `raise_exception`, `strftime_now`, `tojson` without HTML escapes. A template sees `messages`,
/// `add_generation_prompt`, the special tokens' texts, and `tools` and `documents` as none.
public struct ChatTemplate: Sendable {
  let program: Program

  /// Parses a template; the error says line, column, what was found and what is allowed.
  public init(_ source: String) throws(TemplateError) { program = try Parser.program(source) }

  /// Whether the template asks for the date, so that `render` gives another text with one.
  public var usesDate: Bool { program.names.contains(GlobalFunction.strftimeNow.rawValue) }

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

  /// Writes a conversation that a model is to continue; the beginning of an assistant's turn stands at the end.
  ///
  /// The template may leave out what was said before: nothing is trained.
  public func prompt(
    _ messages: [ChatMessage], specials: SpecialTexts = SpecialTexts(), date: CalendarDate? = nil
  ) throws(TemplateError) -> String {
    let setting = Setting(program: program, specials: specials, date: date)
    let content = try setting.run(Conversation(messages), addingGenerationPrompt: true).content
    return String(decoding: content.bytes, as: UTF8.self)
  }
}
