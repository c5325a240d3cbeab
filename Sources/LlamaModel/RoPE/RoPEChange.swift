/// What a stage does to the positions; factors are absolute against the original model.
public enum RoPEChange: Equatable, Hashable, Sendable {
  /// The positions stay as the model has them.
  case unchanged
  case theta(ThetaRule)
  case linear(factor: Double)
  case yarn(YaRN)
  case llama3(Llama3)
  case longRoPE(LongRoPE)

  /// The word for it in recipes and in messages.
  public var name: String {
    switch self {
    case .unchanged: "unchanged"
    case .theta(.number): "theta"
    case .theta(.critical): "theta: critical"
    case .theta(.ntk): "theta: ntk"
    case .linear: "linear"
    case .yarn: "yarn"
    case .llama3: "llama3"
    case .longRoPE: "longrope"
    }
  }
}
