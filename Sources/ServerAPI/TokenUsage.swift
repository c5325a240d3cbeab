/// How many tokens a request took.
public struct TokenUsage: Codable, Equatable, Sendable {
  public var promptTokens: Int
  public var completionTokens: Int
  public var totalTokens: Int
  public var promptDetails: PromptDetails

  public struct PromptDetails: Codable, Equatable, Sendable {
    /// Tokens of the prompt that an earlier request had read.
    public var cachedTokens: Int
    private enum CodingKeys: String, CodingKey { case cachedTokens = "cached_tokens" }
  }
  private enum CodingKeys: String, CodingKey {
    case promptTokens = "prompt_tokens", completionTokens = "completion_tokens", totalTokens = "total_tokens"
    case promptDetails = "prompt_tokens_details"
  }

  public init(promptTokens: Int, completionTokens: Int, cachedTokens: Int) {
    (self.promptTokens, self.completionTokens) = (promptTokens, completionTokens)
    totalTokens = promptTokens + completionTokens
    promptDetails = PromptDetails(cachedTokens: cachedTokens)
  }

  /// Of several answers together.
  public static func + (one: TokenUsage, other: TokenUsage) -> TokenUsage {
    TokenUsage(
      promptTokens: one.promptTokens + other.promptTokens,
      completionTokens: one.completionTokens + other.completionTokens,
      cachedTokens: one.promptDetails.cachedTokens + other.promptDetails.cachedTokens)
  }
}

/// What ended an answer.
public enum FinishReason: String, Codable, Sendable {
  /// The model ended its turn, or a stop text came.
  case stop
  /// There was no room, or none was wanted, for more tokens.
  case length
}
