/// How gradients become new weights.
public struct OptimizerRecipe: Equatable, Sendable {
  /// The rule. The default is `adamw`.
  public var kind: Kind
  /// The decay of the first moment, from 0 to 0.9999999. The default is 0.9.
  public var beta1: Double
  /// The decay of the second moment, from 0 to 0.9999999. The default is 0.95.
  public var beta2: Double
  /// What is added to the root of the second moment, 1e-30 or more. The default is 1e-8.
  public var epsilon: Double
  /// The share of a weight taken off per step and unit of learning rate. The default is 0.1.
  public var weightDecay: Double
  /// The norm to which longer gradients are shortened; nil for never. The default is 1.
  public var clipGradNorm: Double?
  /// How moments are kept. The default is `fp32`.
  public var state: State

  /// How the optimizer keeps its moments.
  public enum State: String, CaseIterable, Sendable {
    /// Single precision, 8 bytes a parameter.
    case fp32
    /// Eight bits a value with a scale for every block, 2 bytes a parameter (arXiv 2110.02861).
    case eightBit = "8bit"
  }

  public enum Kind: String, CaseIterable, Sendable {
    /// Adam with decoupled weight decay (arXiv 1711.05101).
    case adamw
  }

  public init(
    kind: Kind = .adamw, beta1: Double = 0.9, beta2: Double = 0.95, epsilon: Double = 1e-8, weightDecay: Double = 0.1,
    clipGradNorm: Double? = 1, state: State = .fp32
  ) {
    self.kind = kind
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.clipGradNorm = clipGradNorm
    self.state = state
  }

  /// `betas: [0.9, 0.95]`, as one value.
  private var betas: [Double] {
    get { [beta1, beta2] }
    set { (beta1, beta2) = (newValue[0], newValue[1]) }
  }

  static var codec: Codec<OptimizerRecipe> {
    // The update computes in Float, where what lies closer to 1 would be 1 and what is smaller than this would be 0.
    let beta = Codec.number("from 0 to 0.9999999", example: "0.9") { $0 >= 0 && $0 <= 0.9999999 }
    let epsilon = Codec.number("of 1e-30 or more", example: "1e-8") { $0 >= 1e-30 }
    return .section(
      OptimizerRecipe(),
      [
        Field("kind", \.kind, .word),
        Field("betas", \.betas, beta.list(2...2, flow: true)),
        Field("epsilon", \.epsilon, epsilon, or: ["eps"]),
        Field("weight_decay", \.weightDecay, .number("of 0 or more", example: "0.1") { $0 >= 0 }),
        Field("clip_grad_norm", \.clipGradNorm, Codec.positive.orNull, or: ["max_grad_norm"]),
        Field("state", \.state, .word),
      ])
  }
}
