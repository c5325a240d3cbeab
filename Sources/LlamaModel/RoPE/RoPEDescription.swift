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
