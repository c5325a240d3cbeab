/// The answer to `POST /v1/completions`, and each event of its stream.
public struct CompletionResponse: Encodable, Equatable, Sendable {
  public struct Choice: Encodable, Equatable, Sendable {
    public var index: Int
    public var text: String
    @OrNull public var logprobs: CompletionLogprobs?
    @OrNull public var finishReason: FinishReason?

    private enum CodingKeys: String, CodingKey {
      case index, text, logprobs
      case finishReason = "finish_reason"
    }

    public init(index: Int, text: String, logprobs: CompletionLogprobs?, finishReason: FinishReason?) {
      (self.index, self.text) = (index, text)
      self.logprobs = logprobs
      self.finishReason = finishReason
    }

    /// Adds what comes next of the same answer.
    public mutating func append(_ more: Choice) {
      text += more.text
      if let lists = more.logprobs, logprobs?.append(lists) == nil { logprobs = lists }
      finishReason = more.finishReason ?? finishReason
    }
  }

  public var id: String
  public let object = "text_completion"
  /// Seconds since 1970.
  public var created: Int
  public var model: String
  public var choices: [Choice]
  /// In a stream only of the last event, where it was asked for.
  public var usage: TokenUsage?

  public init(id: String, created: Int, model: String, choices: [Choice] = [], usage: TokenUsage? = nil) {
    (self.id, self.created, self.model) = (id, created, model)
    (self.choices, self.usage) = (choices, usage)
  }
}

/// Log-probabilities of tokens, in lists of equal length.
public struct CompletionLogprobs: Encodable, Equatable, Sendable {
  public var tokens: [String] = []
  /// ln p(token | everything before); null for a token that has nothing before it.
  public var tokenLogprobs: [Double?] = []
  /// The most probable tokens at each place and the one that stands there; null where `tokenLogprobs` is.
  public var topLogprobs: [[String: Double]?] = []
  /// Where each token's text begins, in Unicode scalars.
  public var textOffset: [Int] = []

  private enum CodingKeys: String, CodingKey {
    case tokens
    case tokenLogprobs = "token_logprobs", topLogprobs = "top_logprobs", textOffset = "text_offset"
  }

  public init() {}

  mutating func append(_ other: Self) {
    tokens += other.tokens
    tokenLogprobs += other.tokenLogprobs
    topLogprobs += other.topLogprobs
    textOffset += other.textOffset
  }
}
