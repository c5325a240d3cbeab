/// How a model turns positions into angles, absolute against the *original* model: nothing in it is a ratio to an
/// earlier stage, so a curriculum that goes 8K → 65K → 1M ends with the same value, and the same bits, as one that goes
/// there at once.
///
/// The same value is what HDF5 checkpoints, GGUF files and `config.json` say in their own words.
public struct RoPEDescription: Equatable, Hashable, Sendable, Codable {
  /// The context length the original model was pre-trained with, in tokens.
  public var originalContext: Int
  /// The base of the original model's frequencies.
  public var originalTheta: Double
  /// The longest context the model was trained with so far, in tokens.
  public var trainedContext: Int
  /// The base of the frequencies now.
  public var theta: Double
  /// What is done to the frequencies of `theta`.
  public var scaling: RoPEScaling

  /// Describes a model; by default one that was never extended.
  public init(
    originalContext: Int, originalTheta: Double, trainedContext: Int? = nil, theta: Double? = nil,
    scaling: RoPEScaling = .none
  ) {
    self.originalContext = originalContext
    self.originalTheta = originalTheta
    self.trainedContext = trainedContext ?? originalContext
    self.theta = theta ?? originalTheta
    self.scaling = scaling
  }

  enum CodingKeys: String, CodingKey {
    case originalContext = "original_context"
    case originalTheta = "original_theta"
    case trainedContext = "trained_context"
    case theta, scaling
  }
}

extension RoPEDescription {
  /// The longest context the positions are made for, in tokens: the trained one, or what a linear or YaRN factor
  /// reaches beyond it (YaRN trained at 64K with factor 32 of 4,096 is meant for 128K).
  public var reach: Int {
    let factorReach: Double =
      switch scaling {
      case .linear(let factor) where theta == originalTheta: factor * Double(originalContext)
      case .yarn(let yarn): yarn.factor * Double(yarn.originalContext ?? originalContext)
      default: 0
      }
    return max(trainedContext, Int(exactly: factorReach.rounded(.down)) ?? 0)
  }
}
