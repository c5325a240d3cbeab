import ChatTemplates
import Corpus
import Tokenization

/// How a model is spoken to: through its chat template, or in plain text where it has none.
struct ChatPrompt: Sendable {
  private let tokenizer: Tokenizer
  private let template: ChatTemplate?
  private let date: CalendarDate?
  /// Whose template it is, for errors; nil where there is one model only.
  private let name: String?
  /// Whether the model knows turns.
  var hasTemplate: Bool { template != nil }

  /// - Parameters:
  ///   - name: the model's file, which errors then begin with.
  ///   - template: the Jinja text to use instead of the model's own.
  ///   - date: what its `strftime_now` writes.
  init(_ tokenizer: Tokenizer, of name: String? = nil, template: String? = nil, date: CalendarDate? = nil) throws {
    (self.tokenizer, self.name, self.date) = (tokenizer, name, date)
    self.template = try Self.naming(name) {
      try (template ?? tokenizer.description.chatTemplate).map { try ChatTemplate($0) }
    }
  }

  private static func naming<Result>(_ name: String?, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as TemplateError {
      throw InputError("\(name.map { "\($0): " } ?? "")\(error)")
    }
  }

  /// The prompt after which the model answers a user, its answer already begun with `start`.
  func tokens(user: String, answerStart start: String = "") throws -> [TokenID] {
    let turn = ChatMessage(role: "user", content: user)
    return try tokens([turn], answerStart: start, plain: start.isEmpty ? user : user + " " + start)
  }

  /// The prompt after which the model answers a conversation, or a plain text where the model has no template.
  func tokens(_ messages: [ChatMessage], answerStart start: String, plain: String) throws -> [TokenID] {
    guard let template else { return tokenizer.promptTokens(plain) }
    let text = try Self.naming(name) {
      try template.prompt(messages, specials: SpecialTexts(tokenizer.description), date: date)
    }
    let tokens = tokenizer.promptTokens(text + start)
    if tokens.isEmpty {
      throw InputError(
        "\(name.map { "\($0): " } ?? "")the chat template makes no text of this conversation; needed is one to answer")
    }
    return tokens
  }
}
