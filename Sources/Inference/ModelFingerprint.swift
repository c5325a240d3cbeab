import FoundationEssentials
import HDF5Storage
public import LlamaModel
import TensorCore

/// What tells one model from another: its configuration and every weight.
public struct ModelFingerprint: Equatable, Sendable, CustomStringConvertible {
  public let description: String

  /// Reads all weights once.
  public init(_ model: Llama) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // Numbers that JSON cannot hold are no model's; without them the weights alone tell.
    let configuration = (try? encoder.encode(model.configuration)).map { [UInt8]($0) } ?? []
    var parts = [Checksum(of: configuration.span).value]
    for (_, tensor) in model.namedParameters { parts.append(Checksum(of: tensor.span).value) }
    for matrix in model.storedMatrices { parts.append(Checksum(of: matrix.span).value) }
    description = Checksum(of: parts.span).description
  }
}
