/// What requests for completions and for chats say alike: the model, how tokens are chosen, and what ends an answer.
///
/// Fields that are not known are left aside, as everywhere in this protocol; known ones that ask for what is not offered
/// are refused.
public struct GenerationParameters: Decodable, Equatable, Sendable {
  public var model: String?
  /// 0 always chooses the most probable token.
  public var temperature: Double
  /// Only the fewest tokens that together have this probability.
  public var topP: Double
  /// Only so many of the most probable tokens; 0 for all. An extension.
  public var topK: Int
  /// Only tokens at least this often as probable as the most probable one. An extension.
  public var minP: Double
  /// Nil for another one each time.
  public var seed: Int?
  /// Each ends the text before it.
  public var stop: [String]
  public var stream: Bool
  /// Whether the last event of a stream tells the numbers of tokens.
  public var streamsUsage: Bool

  static let mostStops = 16, longestStop = 512

  private enum CodingKeys: String, CodingKey {
    case model, temperature, seed, stop, stream, n
    case topP = "top_p", topK = "top_k", minP = "min_p", streamOptions = "stream_options", bestOf = "best_of"
    case presencePenalty = "presence_penalty", frequencyPenalty = "frequency_penalty", logitBias = "logit_bias"
  }
  private struct StreamOptions: Decodable {
    var include_usage: Bool?
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    model = try fields.decodeIfPresent(String.self, forKey: .model)
    temperature = try fields.number(.temperature, in: 0...100, default: 1)
    topP = try fields.number(.topP, in: 1e-9...1, default: 1)
    topK = max(0, try fields.number(.topK, in: -1...Int(Int32.max), default: 0))
    minP = try fields.number(.minP, in: 0...1, default: 0)
    seed = try fields.number(.seed, in: Int.min...Int.max)
    stop = try fields.decodeIfPresent(OneOrMany.self, forKey: .stop)?.strings ?? []
    if stop.count > Self.mostStops || stop.contains(where: { $0.utf8.count > Self.longestStop }) {
      throw APIError(
        "stop: allowed are \(Self.mostStops) texts of \(Self.longestStop) bytes at most.", parameter: "stop")
    }
    stream = try fields.decodeIfPresent(Bool.self, forKey: .stream) ?? false
    streamsUsage = try fields.decodeIfPresent(StreamOptions.self, forKey: .streamOptions)?.include_usage ?? false
    for key in [CodingKeys.n, .bestOf] {
      try fields.refuse(key, unless: try fields.number(key, in: Int.min...Int.max) ?? 1 == 1, "1")
    }
    for key in [CodingKeys.presencePenalty, .frequencyPenalty] {
      try fields.refuse(key, unless: try fields.number(key, in: -Double.infinity...Double.infinity) ?? 0 == 0, "0")
    }
    let bias = try fields.decodeIfPresent([String: Double].self, forKey: .logitBias) ?? [:]
    try fields.refuse(.logitBias, unless: bias.isEmpty, "{}")
  }
}

/// A text, or a list of texts.
struct OneOrMany: Decodable {
  var strings: [String]

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let one = try? value.decode(String.self) { strings = [one] } else { strings = try value.decode([String].self) }
  }
}
