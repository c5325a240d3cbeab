import ChatTemplates
import Corpus
import Tokenization

/// How a model is spoken to: through its chat template, or in plain text where it has none.
struct ChatPrompt: Sendable {
  private let tokenizer: Tokenizer
  private let template: ChatTemplate?
  private let date: CalendarDate?
  /// Whether the model knows turns.
  var hasTemplate: Bool { template != nil }

  /// - Parameters:
  ///   - template: the Jinja text to use instead of the model's own.
  ///   - date: what its `strftime_now` writes.
  init(_ tokenizer: Tokenizer, template: String? = nil, date: CalendarDate? = nil) throws {
    self.date = date
    self.tokenizer = tokenizer
    self.template = try (template ?? tokenizer.description.chatTemplate).map { try ChatTemplate($0) }
  }

  /// The prompt after which the model answers a user, its answer already begun with `start`.
  func tokens(user: String, answerStart start: String = "") throws -> [TokenID] {
    let turn = ChatMessage(role: "user", content: user)
    return try tokens([turn], answerStart: start, plain: start.isEmpty ? user : user + " " + start)
  }

  /// The prompt after which the model answers a conversation, or a plain text where the model has no template.
  func tokens(_ messages: [ChatMessage], answerStart start: String, plain: String) throws -> [TokenID] {
    guard let template else { return tokenizer.promptTokens(plain) }
    let chat = try template.render(
      messages, addingGenerationPrompt: true, specials: SpecialTexts(tokenizer.description), date: date)
    return tokenizer.promptTokens(chat.text + start)
  }
}
