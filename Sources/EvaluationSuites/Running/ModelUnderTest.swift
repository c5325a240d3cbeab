public import Tokenization

/// A model as the suites need it; any engine that can do this can be evaluated.
public protocol ModelUnderTest {
  /// The model's greedy answer: its text up to a stop token or `maximumTokens`.
  func answer(to prompt: [TokenID], maximumTokens: Int) throws -> String
  /// The model's opinion of every next token of a text, from one pass over it; at least one token.
  func scores(of tokens: [TokenID]) throws -> any NextTokenScores
}

/// What a model thinks comes after each token of a text.
public protocol NextTokenScores {
  var vocabularySize: Int { get }
  /// Unnormalized log-probabilities after the tokens at `rows`. Shape: [rows, vocabulary], row by row.
  func logits(_ rows: Range<Int>) -> [Float]
}

/// Turns prompts into tokens as one model expects them.
public struct PromptEncoder: Sendable {
  public let tokens: @Sendable (Prompt) throws -> [TokenID]
  public let text: @Sendable (String) throws -> [TokenID]

  public init(
    tokens: @escaping @Sendable (Prompt) throws -> [TokenID],
    text: @escaping @Sendable (String) throws -> [TokenID]
  ) {
    (self.tokens, self.text) = (tokens, text)
  }

  public var counter: TokenCounter {
    TokenCounter(prompt: { [tokens] in try tokens($0).count }, text: { [text] in try text($0).count })
  }
}
