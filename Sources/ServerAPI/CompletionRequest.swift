/// The body of `POST /v1/completions`.
public struct CompletionRequest: Decodable, Equatable, Sendable {
  /// Texts to be continued, or their tokens.
  public enum Prompts: Equatable, Sendable {
    case texts([String])
    case tokens([[Int]])

    public var count: Int {
      switch self {
      case .texts(let texts): texts.count
      case .tokens(let lists): lists.count
      }
    }
  }

  public var prompts: Prompts
  public var parameters: GenerationParameters
  /// Tokens of an answer at most; 0 only scores the prompt.
  public var maximumTokens: Int
  /// How many alternatives are reported for each token; nil reports no log-probabilities.
  public var logprobs: Int?
  /// Whether the answer begins with the prompt.
  public var echo: Bool

  static let mostPrompts = 256

  private enum CodingKeys: String, CodingKey {
    case prompt, logprobs, echo, suffix
    case maximumTokens = "max_tokens"
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    prompts = try fields.decode(Prompts.self, forKey: .prompt)
    if !(1...Self.mostPrompts).contains(prompts.count) {
      throw APIError(
        "prompt holds \(prompts.count) texts; allowed are 1 to \(Self.mostPrompts).", parameter: "prompt")
    }
    parameters = try GenerationParameters(from: decoder)
    maximumTokens = try fields.number(.maximumTokens, in: 0...Int(Int32.max), default: 16)
    logprobs = try fields.number(.logprobs, in: 0...20)
    echo = try fields.decodeIfPresent(Bool.self, forKey: .echo) ?? false
    try fields.refuse(
      .suffix, unless: (try fields.decodeIfPresent(String.self, forKey: .suffix) ?? "").isEmpty, "none")
  }
}

extension CompletionRequest.Prompts: Decodable {
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let texts = try? OneOrMany(from: decoder) {
      self = .texts(texts.strings)
    } else if let tokens = try? value.decode([Int].self) {
      self = .tokens([tokens])
    } else if let lists = try? value.decode([[Int]].self) {
      self = .tokens(lists)
    } else {
      throw APIError(
        "prompt must be a text, a list of texts, a list of token ids, or a list of such lists.", parameter: "prompt")
    }
  }
}
