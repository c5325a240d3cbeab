import Foundation
import GGUFFormat
import JSONText
import LlamaModel
import SafetensorsFormat
import TensorCore
import Tokenization

/// A Hugging Face model folder, opened and checked, its weights not yet read.
struct HuggingFaceFolder {
  let configuration: LlamaConfiguration
  let tokenizer: TokenizerDescription
  /// What an export carries on: name, tokenizer, and the folder's own files.
  let metadata: Metadata
  let weights: SafetensorsFolder

  init(path: String) throws {
    let files = try HuggingFaceFiles(folder: path)
    guard let config = try files.json("config.json") else { throw Self.noConfiguration(path) }
    // The family first: whoever names a model of another one should hear of that and not of its files.
    _ = try LlamaConfiguration(huggingFace: config, holdsOutput: true)
    weights = try SafetensorsFolder(path: path)
    configuration = try LlamaConfiguration(
      huggingFace: config, holdsOutput: weights.find("lm_head.weight") != nil)
    try Self.check(weights, configuration)
    let tokenizer = try files.tokenizer()
    guard tokenizer.tokens.count <= configuration.vocabularySize else {
      throw ModelFileError(
        path: path, subject: "the tokenizer", found: "\(tokenizer.tokens.count) tokens",
        allowed: "at most \(configuration.vocabularySize), the rows of model.embed_tokens.weight",
        repair: "Take tokenizer and weights from the same model, or enlarge the embedding first.")
    }
    self.tokenizer = tokenizer.filled(to: configuration.vocabularySize)
    var metadata = Metadata()
    let name =
      try config.string("_name_or_path").flatMap { $0.isEmpty ? nil : $0 } ?? URL(filePath: path).lastPathComponent
    metadata["general.name"] = .string(name.split(separator: "/").last.map(String.init) ?? name)
    self.tokenizer.addGGUFKeys(to: &metadata)
    files.carry(in: &metadata)
    self.metadata = metadata
  }

  static func noConfiguration(_ path: String) -> ModelFileError {
    ModelFileError(
      path: path, subject: "the folder", found: "no config.json", allowed: "the folder of a Hugging Face model",
      repair: "Name a GGUF file, or a folder with config.json and safetensors weights.")
  }

  /// Every tensor of the model is there, in floats and in its shape, and none that the model has no place for.
  private static func check(_ weights: SafetensorsFolder, _ configuration: LlamaConfiguration) throws {
    var unknown = Set(weights.tensors.map(\.name))
    for stored in configuration.storedTensors {
      guard let (file, tensor) = weights.find(stored.name) else {
        throw ModelFileError(
          path: weights.path, subject: "tensor \(stored.name)", found: "no such tensor",
          allowed: "every parameter that config.json asks for", repair: "Fetch config.json and all weights again.")
      }
      unknown.remove(stored.name)
      try file.requireFloats(tensor)
      guard tensor.shape == stored.shape else {
        throw ModelFileError(
          path: file.path, subject: "tensor \(stored.name)", found: "shape \(Shape(tensor.shape))",
          allowed: "\(Shape(stored.shape)), by config.json", repair: "Fetch config.json and all weights again.")
      }
    }
    // Tables of angles in older files, and the copy of a tied embedding, say nothing of their own.
    unknown = unknown.filter { !$0.hasSuffix(".rotary_emb.inv_freq") }
    if configuration.tiesEmbeddings { unknown.remove("lm_head.weight") }
    if let name = unknown.min() {
      throw ModelFileError(
        path: weights.path, subject: "tensor \(name)",
        found: "a tensor that \(configuration.family.modelClass) does not have (\(unknown.count) in all)",
        allowed: "its parameters", repair: "Use a model of a supported family; merge adapters first.")
    }
  }
}
