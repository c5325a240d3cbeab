/// The body of `POST /v1/chat/completions`.
public struct ChatCompletionRequest: Decodable, Equatable, Sendable {
  /// One turn; its content is a text, or a list of parts that are texts.
  public struct Message: Equatable, Sendable {
    public var role: String
    public var content: String
    public var name: String?
  }

  public var messages: [Message]
  public var parameters: GenerationParameters
  /// Tokens of the answer at most; nil for as many as there is room for.
  public var maximumTokens: Int?
  /// How many alternatives are reported for each token; nil reports no log-probabilities.
  public var topLogprobs: Int?

  private enum CodingKeys: String, CodingKey {
    case messages, logprobs, tools, functions
    case maximumTokens = "max_tokens", maximumCompletionTokens = "max_completion_tokens"
    case topLogprobs = "top_logprobs", responseFormat = "response_format"
  }
  private struct ResponseFormat: Decodable {
    var type: String
  }
  /// Anything; only its presence counts.
  private struct Something: Decodable {
    init(from decoder: any Decoder) {}
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    messages = try fields.decode([Message].self, forKey: .messages)
    if messages.isEmpty { throw APIError("messages is empty; give at least one turn.", parameter: "messages") }
    parameters = try GenerationParameters(from: decoder)
    let most = 1...Int(Int32.max)
    maximumTokens =
      try fields.number(.maximumCompletionTokens, in: most) ?? fields.number(.maximumTokens, in: most)
    let top = try fields.number(.topLogprobs, in: 0...20, default: 0)
    topLogprobs = try fields.decodeIfPresent(Bool.self, forKey: .logprobs) ?? false ? top : nil
    for key in [CodingKeys.tools, .functions] {
      try fields.refuse(key, unless: try fields.decodeIfPresent([Something].self, forKey: key)?.isEmpty ?? true, "none")
    }
    let format = try fields.decodeIfPresent(ResponseFormat.self, forKey: .responseFormat)
    try fields.refuse(.responseFormat, unless: format?.type ?? "text" == "text", "{\"type\": \"text\"}")
  }
}

extension ChatCompletionRequest.Message: Decodable {
  private enum CodingKeys: CodingKey { case role, content, name }
  private struct Part: Decodable {
    var type: String
    var text: String?
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    role = try fields.decode(String.self, forKey: .role)
    name = try fields.decodeIfPresent(String.self, forKey: .name)
    if let text = try? fields.decodeIfPresent(String.self, forKey: .content) ?? "" {
      content = text
    } else {
      content = try fields.decode([Part].self, forKey: .content).map { part in
        guard part.type == "text", let text = part.text else {
          throw APIError(
            "messages: found a part of type \"\(part.type)\"; this model reads parts of type \"text\" only.",
            parameter: "messages", code: "unsupported_content")
        }
        return text
      }.joined()
    }
  }
}
