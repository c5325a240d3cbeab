/// What a model is asked, before a chat template and a tokenizer make tokens of it.
public struct Prompt: Equatable, Sendable, Codable {
  /// How the model should behave, where the test says so.
  public var system: String?
  /// The user's turn, or the text of a plain prompt.
  public var user: String
  /// How the assistant's turn begins; the model goes on from here.
  public var answerStart: String
  /// What follows the user's text where there is no chat template.
  public var plainEnd: String

  /// - Parameter plainEnd: `answerStart` when nil.
  public init(system: String? = nil, user: String, answerStart: String = "", plainEnd: String? = nil) {
    (self.system, self.user, self.answerStart) = (system, user, answerStart)
    self.plainEnd = plainEnd ?? answerStart
  }

  /// The prompt of a model without a chat template.
  public var plainText: String { (system.map { $0 + "\n\n" } ?? "") + user + plainEnd }
}

/// How many tokens the model under test makes of texts; all lengths of tests are counted so.
public struct TokenCounter: Sendable {
  /// Tokens of a whole prompt, with what the chat template adds.
  public let prompt: @Sendable (Prompt) throws -> Int
  /// Tokens of a piece of text.
  public let text: @Sendable (String) throws -> Int

  public init(prompt: @escaping @Sendable (Prompt) throws -> Int, text: @escaping @Sendable (String) throws -> Int) {
    (self.prompt, self.text) = (prompt, text)
  }
}
