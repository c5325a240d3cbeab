import FoundationEssentials
import Kernels

/// How far stored values are from those they were made from.
public struct EncodingLoss: Equatable, Sendable {
  /// Σ (stored − given)².
  public private(set) var squaredError = 0.0
  /// Σ given².
  public private(set) var squaredValues = 0.0

  public init() {}

  /// √(Σ (stored − given)² / Σ given²); 0 where nothing was lost.
  public var relativeRMSE: Double {
    squaredError > 0 ? (squaredError / max(squaredValues, .leastNormalMagnitude)).squareRoot() : 0
  }

  /// Adds the loss of another tensor, so that the whole model's can be told.
  public mutating func add(_ other: EncodingLoss) {
    squaredError += other.squaredError
    squaredValues += other.squaredValues
  }

  /// Counts whole blocks of values, of which `stored` are the bytes.
  mutating func add(_ values: Span<Float>, stored: [UInt8], as type: TensorType) {
    var decoded = [Float](repeating: 0, count: values.count)
    var span = decoded.mutableSpan
    type.decode(Data(stored).bytes, into: &span)
    var (error, square) = (0.0, 0.0)
    for index in values.indices {
      let value = Double(values[index]), difference = Double(decoded[index]) - value
      error += difference * difference
      square += value * value
    }
    squaredError += error
    squaredValues += square
  }
}
