/// Stored flat, in the words of `config.json`: `{"type": "yarn", "factor": 16, "beta_fast": 32, …}`.
extension RoPEScaling: Codable {
  private enum CodingKeys: String, CodingKey { case type, factor }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(String.self, forKey: .type) {
    case "none": self = .none
    case "linear": self = .linear(factor: try container.decode(Double.self, forKey: .factor))
    case "yarn": self = .yarn(try YaRN(from: decoder))
    case "llama3": self = .llama3(try Llama3(from: decoder))
    case "longrope": self = .longRoPE(try LongRoPE(from: decoder))
    case "per_dimension": self = .perDimension(try PerDimension(from: decoder))
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .type, in: container,
        debugDescription:
          "RoPE scaling type \"\(other)\" is not known; known are none, linear, yarn, llama3, longrope, per_dimension")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .type)
    switch self {
    case .none: break
    case .linear(let factor): try container.encode(factor, forKey: .factor)
    case .yarn(let yarn): try yarn.encode(to: encoder)
    case .llama3(let llama3): try llama3.encode(to: encoder)
    case .longRoPE(let longRoPE): try longRoPE.encode(to: encoder)
    case .perDimension(let perDimension): try perDimension.encode(to: encoder)
    }
  }
}
