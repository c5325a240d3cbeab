/// What is done to the inverse frequencies θ^(−2i/d) before they meet a position.
///
/// Every factor is absolute against the original model.
public enum RoPEScaling: Equatable, Hashable, Sendable {
  /// The frequencies of theta as they are.
  case none
  /// Position interpolation, LongChat's condensation ratio: every frequency ÷ `factor` (arXiv 2306.15595).
  case linear(factor: Double)
  /// Interpolates the slow dimensions, keeps the fast ones, and raises the magnitude (arXiv 2309.00071).
  case yarn(YaRN)
  /// The three bands of Llama 3.1.
  case llama3(Llama3)
  /// One divisor per pair, found by search, for short and for long sequences (arXiv 2402.13753).
  case longRoPE(LongRoPE)
  /// Divisors that a file carries (`rope_freqs.weight`) and that no formula here accounts for.
  case perDimension(PerDimension)

  /// The context that the scaling itself names, if it does.
  public var originalContext: Int? {
    switch self {
    case .none, .linear, .perDimension: nil
    case .yarn(let yarn): yarn.originalContext
    case .llama3(let llama3): llama3.originalContext
    case .longRoPE(let longRoPE): longRoPE.originalContext
    }
  }

  /// The word for it in recipes, in `config.json` and in messages.
  public var name: String {
    switch self {
    case .none: "none"
    case .linear: "linear"
    case .yarn: "yarn"
    case .llama3: "llama3"
    case .longRoPE: "longrope"
    case .perDimension: "per_dimension"
    }
  }
}

/// The parameters of YaRN.
public struct YaRN: Equatable, Hashable, Sendable, Codable {
  /// New context ÷ original context.
  public var factor: Double
  /// Dimensions that turn more often than this within the original context keep their frequency. The default is 32.
  public var betaFast: Double
  /// Dimensions that turn less often than this are interpolated fully. The default is 1.
  public var betaSlow: Double
  /// What cos and sin are multiplied by. The default (nil) is 0.1 ln(factor) + 1.
  public var attentionFactor: Double?
  /// Whether the borders of the ramp are rounded outwards to whole dimensions. The default is true, as in YaRN's code.
  public var truncates: Bool
  /// The context `factor` and the turns are counted against. The default (nil) is that of the original model.
  public var originalContext: Int?

  public init(
    factor: Double, betaFast: Double = 32, betaSlow: Double = 1, attentionFactor: Double? = nil,
    truncates: Bool = true, originalContext: Int? = nil
  ) {
    self.factor = factor
    self.betaFast = betaFast
    self.betaSlow = betaSlow
    self.attentionFactor = attentionFactor
    self.truncates = truncates
    self.originalContext = originalContext
  }

  enum CodingKeys: String, CodingKey {
    case factor
    case betaFast = "beta_fast"
    case betaSlow = "beta_slow"
    case attentionFactor = "attention_factor"
    case truncates = "truncate"
    case originalContext = "original_context"
  }
}

/// The parameters of Llama 3.1's scaling.
public struct Llama3: Equatable, Hashable, Sendable, Codable {
  /// What the slow frequencies are divided by.
  public var factor: Double
  /// Wavelengths above `originalContext / lowFrequencyFactor` are divided by `factor`. The default is 1.
  public var lowFrequencyFactor: Double
  /// Wavelengths below `originalContext / highFrequencyFactor` stay. The default is 4.
  public var highFrequencyFactor: Double
  /// The context the wavelengths are compared with. The default (nil) is that of the original model.
  public var originalContext: Int?

  public init(
    factor: Double, lowFrequencyFactor: Double = 1, highFrequencyFactor: Double = 4, originalContext: Int? = nil
  ) {
    self.factor = factor
    self.lowFrequencyFactor = lowFrequencyFactor
    self.highFrequencyFactor = highFrequencyFactor
    self.originalContext = originalContext
  }

  enum CodingKeys: String, CodingKey {
    case factor
    case lowFrequencyFactor = "low_freq_factor"
    case highFrequencyFactor = "high_freq_factor"
    case originalContext = "original_context"
  }
}

/// The parameters of LongRoPE.
public struct LongRoPE: Equatable, Hashable, Sendable, Codable {
  /// Divisors for sequences of at most `originalContext` tokens, one per pair (headSize / 2).
  public var shortFactors: [Double]
  /// Divisors for longer sequences, one per pair (headSize / 2).
  public var longFactors: [Double]
  /// What cos and sin are multiplied by. The default (nil) is √(1 + ln s / ln L), with L the original context and
  /// s = trained context ÷ L.
  public var attentionFactor: Double?
  /// The context that separates short from long. The default (nil) is that of the original model.
  public var originalContext: Int?

  public init(
    shortFactors: [Double], longFactors: [Double], attentionFactor: Double? = nil, originalContext: Int? = nil
  ) {
    self.shortFactors = shortFactors
    self.longFactors = longFactors
    self.attentionFactor = attentionFactor
    self.originalContext = originalContext
  }

  enum CodingKeys: String, CodingKey {
    case shortFactors = "short_factor"
    case longFactors = "long_factor"
    case attentionFactor = "attention_factor"
    case originalContext = "original_context"
  }
}

/// Divisors without a formula.
public struct PerDimension: Equatable, Hashable, Sendable, Codable {
  /// What each frequency is divided by, one per pair (headSize / 2).
  public var divisors: [Double]
  /// What cos and sin are multiplied by. The default is 1.
  public var attentionFactor: Double

  public init(divisors: [Double], attentionFactor: Double = 1) {
    self.divisors = divisors
    self.attentionFactor = attentionFactor
  }

  enum CodingKeys: String, CodingKey {
    case divisors
    case attentionFactor = "attention_factor"
  }
}
