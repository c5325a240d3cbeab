import Foundation
public import GGUFFormat
public import LlamaModel
import SafetensorsFormat
import TensorCore
public import Tokenization
import Kernels

/// A model on disk, a GGUF file or a Hugging Face folder, opened and checked, its weights not yet read.
public struct ModelFile: Sendable {
  public let path: String
  public let configuration: LlamaConfiguration
  public let tokenizer: TokenizerDescription
  /// What the source says of itself, which an export carries on: of a GGUF its metadata; of a folder its tokenizer in
  /// GGUF's keys, and its files.
  public let metadata: Metadata
  let store: Store

  enum Store {
    case gguf(GGUFFile)
    case safetensors(SafetensorsFolder)
  }

  /// Tensors that say how positions become angles; they are no parameters.
  static let positionTensors: Set<String> = [
    "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight",
  ]
  /// Names the family where the architecture of a GGUF does not.
  static let familyKey = "extend.family"

  /// Opens a GGUF file, or a folder with config.json and safetensors weights, and checks configuration, tokenizer and the
  /// shape of every tensor.
  ///
  /// - Throws: `GGUFError`, `SafetensorsError`, `ModelFileError`, `TokenizerError`, `TokenizerFileError`.
  public init(path: String) throws {
    self.path = path
    if Self.isFolder(path) {
      let folder = try HuggingFaceFolder(path: path)
      (configuration, tokenizer, metadata) = (folder.configuration, folder.tokenizer, folder.metadata)
      store = .safetensors(folder.weights)
    } else {
      let file = try GGUFFile(path: path)
      metadata = file.metadata
      configuration = try LlamaConfiguration(gguf: file)
      tokenizer = try TokenizerDescription(gguf: file.metadata)
      store = .gguf(file)
      try Self.check(file, configuration, tokenizer)
    }
  }

  /// What a model is called: its file without the ending, or its folder.
  public static func name(of path: String) -> String {
    let url = URL(filePath: path).standardizedFileURL
    return (isFolder(path) ? url : url.deletingPathExtension()).lastPathComponent
  }

  /// Whether a path names a folder, and so a Hugging Face model, if it is a model.
  public static func isFolder(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path + "/.") }

  private static func check(
    _ file: GGUFFile, _ configuration: LlamaConfiguration, _ tokenizer: TokenizerDescription
  ) throws {
    let path = file.path
    for stored in configuration.storedTensors {
      let name = TensorNaming.ggufName(stored.name)
      let info = try file.tensor(name)
      guard info.shape == stored.shape else {
        throw ModelFileError(
          path: path, subject: "tensor \(name)", found: "shape \(Shape(info.shape))",
          allowed: "\(Shape(stored.shape)), by the file's own metadata",
          repair: "The file is inconsistent; fetch it again.")
      }
    }
    let unknown = configuration.foreignTensors(in: file)
    if let name = unknown.first {
      throw ModelFileError(
        path: path, subject: "tensor \(name)",
        found: "a tensor this architecture does not have (\(unknown.count) in all)",
        allowed: "the parameters of a \(configuration.family.ggufArchitecture) model",
        repair: "Use a model of a supported family.")
    }
    if tokenizer.tokens.count != configuration.vocabularySize {
      throw ModelFileError(
        path: path, subject: "tokenizer.ggml.tokens", found: "\(tokenizer.tokens.count) tokens",
        allowed: "\(configuration.vocabularySize), the rows of token_embd.weight", repair: "Convert the model again.")
    }
    do throws(TokenizerError) {
      try tokenizer.checkShape()
    } catch {
      throw ModelFileError(
        path: path, subject: "the tokenizer", found: "a contradiction (\(error))", allowed: "keys that agree",
        repair: "Convert the model again.")
    }
  }

  /// The types of the stored tensors, such as "Q4_1 ×210, F32 ×61".
  public var storage: String {
    let types =
      switch store {
      case .gguf(let file): file.tensors.map { "\($0.type)" }
      case .safetensors(let folder): folder.tensors.map { "\($0.type)" }
      }
    return Dictionary(grouping: types) { $0 }.mapValues(\.count)
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) ×\($0.value)" }.joined(separator: ", ")
  }

  /// Bytes of all tensors as they are stored, which is what `loadStored()` takes.
  public var storedBytes: Int {
    switch store {
    case .gguf(let file): file.tensors.reduce(0) { $0 + $1.byteCount }
    case .safetensors(let folder): folder.tensors.reduce(0) { $0 + $1.byteCount }
    }
  }

  /// Reads the weights, as Floats, as parameters to be trained.
  ///
  /// - Throws: `ModelFileError` if a weight is NaN or infinite.
  public func load() throws -> Llama { try Llama(configuration, parameter: weights.read) }

  /// The weights one at a time, for an export that never holds them all.
  public var weights: WeightSource {
    // Where each parameter lies: its tensor, and its number in it.
    var places: [String: (StoredTensor, Int)] = [:]
    for stored in configuration.storedTensors {
      for (index, parameter) in stored.parameters.enumerated() { places[parameter.name] = (stored, index) }
    }
    return WeightSource(configuration) { parameter in
      guard let (stored, index) = places[parameter.name] else {
        stop("weights: no place for \(parameter.name)")
      }
      return try read(parameter, of: stored, index)
    }
  }

  private func read(_ parameter: ParameterDescription, of stored: StoredTensor, _ index: Int) throws -> Tensor {
    let isVector = parameter.shape.extents.count == 1
    let rows = isVector ? 0..<1 : stored.rows(ofParameter: index)
    var tensor: Tensor, name = stored.name
    switch store {
    case .gguf(let file):
      name = TensorNaming.ggufName(stored.name)
      let info = try file.tensor(name)
      let buffer = Buffer(parameter.shape.count) { file.decode(info, rows: rows, into: &$0) }
      tensor = Tensor(parameter.shape, buffer, isParameter: true)
      if configuration.family.pairsRowsInGGUF, TensorNaming.isPaired(parameter.name) {
        tensor = tensor.reorderedRows { TensorNaming.pairedRow(of: $0, headSize: configuration.headSize) }
      }
    case .safetensors(let folder):
      guard let (file, entry) = folder.find(stored.name) else { stop("load: no \(name), but checked") }
      let buffer = Buffer(parameter.shape.count) { file.decode(entry, rows: rows, into: &$0) }
      tensor = Tensor(parameter.shape, buffer, isParameter: true)
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
