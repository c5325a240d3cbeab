import GGUFFormat
public import LlamaModel

extension LlamaConfiguration {
  /// The configuration of a model: of a GGUF file's metadata, or of a folder's `config.json`, which need not have weights
  /// or a tokenizer beside it.
  ///
  /// Where `config.json` does not say whether the embedding is the output layer too, it is not, as in transformers.
  ///
  /// - Throws: `GGUFError`, `ModelFileError`.
  public init(ofModel path: String) throws {
    if ModelFile.isFolder(path) {
      guard let config = try JSONFile.read(path + "/config.json") else { throw HuggingFaceFolder.noConfiguration(path) }
      try self.init(huggingFace: config, holdsOutput: true)
    } else {
      try self.init(gguf: GGUFFile(path: path))
    }
  }
}
