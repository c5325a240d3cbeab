/// The answer to `POST /v1/chat/completions`; `Turn` is a whole message, or in a stream what is new of it.
public struct ChatCompletionResponse: Encodable, Equatable, Sendable {
  /// A message or a piece of one.
  public struct Turn: Encodable, Equatable, Sendable {
    public var role: String?
    public var content: String?

    public init(role: String? = nil, content: String? = nil) { (self.role, self.content) = (role, content) }

    fileprivate mutating func append(_ more: Turn) {
      role = role ?? more.role
      if content == nil { content = more.content } else { content?.append(more.content ?? "") }
    }
  }

  public struct Choice: Encodable, Equatable, Sendable {
    public let index = 0
    public var message: Turn?
    public var delta: Turn?
    @OrNull public var logprobs: ChatLogprobs?
    @OrNull public var finishReason: FinishReason?

    private enum CodingKeys: String, CodingKey {
      case index, message, delta, logprobs
      case finishReason = "finish_reason"
    }

    public init(
      message: Turn? = nil, delta: Turn? = nil, logprobs: ChatLogprobs? = nil, finishReason: FinishReason? = nil
    ) {
      (self.message, self.delta) = (message, delta)
      self.logprobs = logprobs
      self.finishReason = finishReason
    }

    /// Adds what comes next of the same answer.
    public mutating func append(_ more: Choice) {
      if delta == nil { delta = more.delta } else if let piece = more.delta { delta?.append(piece) }
      if logprobs == nil { logprobs = more.logprobs } else { logprobs?.content += more.logprobs?.content ?? [] }
      finishReason = more.finishReason ?? finishReason
    }

    /// Pieces put together as a whole message.
    public var asMessage: Choice { Choice(message: delta, logprobs: logprobs, finishReason: finishReason) }
  }

  public var id: String
  /// `chat.completion`, or `chat.completion.chunk` in a stream.
  public var object: String
  /// Seconds since 1970.
  public var created: Int
  public var model: String
  public var choices: [Choice]
  /// In a stream only of the last event, where it was asked for.
  public var usage: TokenUsage?

  public init(
    id: String, isChunk: Bool, created: Int, model: String, choices: [Choice] = [], usage: TokenUsage? = nil
  ) {
    (self.id, object) = (id, isChunk ? "chat.completion.chunk" : "chat.completion")
    (self.created, self.model, self.choices, self.usage) = (created, model, choices, usage)
  }
}

/// Log-probabilities of a message's tokens.
public struct ChatLogprobs: Encodable, Equatable, Sendable {
  public struct Token: Encodable, Equatable, Sendable {
    public var token: String
    public var logprob: Double
    public var bytes: [UInt8]
    /// Of the token that was chosen: the most probable ones at its place.
    public var topLogprobs: [Token]?

    private enum CodingKeys: String, CodingKey {
      case token, logprob, bytes
      case topLogprobs = "top_logprobs"
    }

    public init(token: String, logprob: Double, bytes: [UInt8], topLogprobs: [Token]? = nil) {
      (self.token, self.logprob, self.bytes, self.topLogprobs) = (token, logprob, bytes, topLogprobs)
    }
  }

  public var content: [Token]

  public init(content: [Token]) { self.content = content }
}
