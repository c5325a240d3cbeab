public import GGUFFormat
public import LlamaModel
import TensorCore
public import Tokenization

/// A model file, opened and checked, its weights not yet read.
public struct ModelFile: Sendable {
  public let path: String
  public let configuration: LlamaConfiguration
  public let tokenizer: TokenizerDescription
  /// The file's own metadata, which an export carries on.
  public let metadata: Metadata
  private let file: GGUFFile

  /// Tensors that say how positions become angles; they are no parameters.
  static let positionTensors: Set<String> = [
    "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight",
  ]

  /// Opens a GGUF file and checks configuration, tokenizer and the shape of every tensor.
  ///
  /// - Throws: `GGUFError`, `ModelFileError`, `TokenizerError`.
  public init(path: String) throws {
    self.path = path
    file = try GGUFFile(path: path)
    metadata = file.metadata
    configuration = try LlamaConfiguration(gguf: file)
    tokenizer = try TokenizerDescription(gguf: file.metadata)
    var unknown = Set(file.tensors.map(\.name)).subtracting(Self.positionTensors)
    for parameter in configuration.parameters {
      let name = TensorNaming.ggufName(parameter.name)
      let info = try file.tensor(name)
      unknown.remove(name)
      guard info.shape == parameter.shape.extents else {
        throw ModelFileError(
          path: path, subject: "tensor \(name)", found: "shape \(Shape(info.shape))",
          allowed: "\(parameter.shape), by the file's own metadata", repair: "The file is inconsistent; fetch it again."
        )
      }
    }
    if let name = unknown.min() {
      throw ModelFileError(
        path: path, subject: "tensor \(name)",
        found: "a tensor this architecture does not have (\(unknown.count) in all)",
        allowed: "the parameters of a Llama model", repair: "Use a model of a supported family.")
    }
    if tokenizer.tokens.count != configuration.vocabularySize {
      throw ModelFileError(
        path: path, subject: "tokenizer.ggml.tokens", found: "\(tokenizer.tokens.count) tokens",
        allowed: "\(configuration.vocabularySize), the rows of token_embd.weight", repair: "Convert the model again.")
    }
  }

  /// The quantisations of the file's tensors, such as "Q4_1 ×210, F32 ×61".
  public var storage: String {
    Dictionary(grouping: file.tensors, by: \.type).mapValues(\.count).sorted { $0.value > $1.value }
      .map { "\($0.key) ×\($0.value)" }.joined(separator: ", ")
  }

  /// Reads the weights, dequantised to Float, as parameters to be trained.
  ///
  /// - Throws: `ModelFileError` if a weight is NaN or infinite.
  public func load() throws -> Llama {
    try Llama(configuration) { parameter in try read(parameter) }
  }

  /// The weights one at a time, for an export that never holds them all.
  public var weights: WeightSource { WeightSource(configuration, read: read) }

  private func read(_ parameter: ParameterDescription) throws -> Tensor {
    let name = TensorNaming.ggufName(parameter.name)
    let info = try file.tensor(name)
    let buffer = Buffer(parameter.shape.count) { file.decode(info, into: &$0) }
    var tensor = Tensor(parameter.shape, buffer, isParameter: true)
    if TensorNaming.isPaired(parameter.name) {
      tensor = tensor.reorderedRows { TensorNaming.pairedRow(of: $0, headSize: configuration.headSize) }
    }
    if !tensor.isFinite {
      throw ModelFileError(
        path: path, subject: "tensor \(name)", found: "NaN or infinite values", allowed: "finite weights",
        repair: "The file is damaged or the model was ruined in training; fetch it again.")
    }
    return tensor
  }
}

extension Tensor {
  /// Row i of the result is row `source(i)`; a vector counts as rows of one value. Keeps `isParameter`.
  func reorderedRows(_ source: (Int) -> Int) -> Tensor {
    let width = shape.extents.count > 1 ? shape.width : 1
    let rows = shape.count / max(1, width)
    let old = span
    let buffer = Buffer(shape.count) { new in
      for row in 0..<rows {
        let from = source(row) * width
        for i in 0..<width { new[row * width + i] = old[from + i] }
      }
    }
    return Tensor(shape, buffer, isParameter: isParameter)
  }
}
