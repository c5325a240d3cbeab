import Foundation
public import GGUFFormat
import JSONText
import LlamaModel
public import Tokenization

/// The files of a Hugging Face model folder that stand beside the weights: what they say is read, and they are carried
/// on, byte for byte, through checkpoints into exports.
struct HuggingFaceFiles {
  /// For messages.
  let path: String
  private var files: [String: [UInt8]] = [:]

  /// Every file that is carried, where it is there.
  static let names = [
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "chat_template.jinja",
  ]
  /// The part of the metadata that carries them.
  private static let prefix = "huggingface."

  /// Reads the files of a folder.
  init(folder: String) throws {
    path = folder
    for name in Self.names where FileManager.default.fileExists(atPath: folder + "/" + name) {
      let most = name.hasPrefix("tokenizer.") ? TokenizerDescription.mostFileBytes : JSONFile.mostBytes
      files[name] = try JSONFile.bytes(folder + "/" + name, most: most)
    }
  }

  /// The files that metadata carry; nil if the model did not come from such a folder.
  init?(carriedBy metadata: Metadata) {
    path = metadata.path ?? "the source model"
    for name in Self.names {
      switch metadata[Self.prefix + name] {
      case .string(let text)?: files[name] = Array(text.utf8)
      case .array(.uint8(let bytes))?: files[name] = bytes
      default: break
      }
    }
    if files["config.json"] == nil { return nil }
  }

  /// Adds the files to metadata: texts as strings, others as bytes.
  func carry(in metadata: inout Metadata) {
    for name in Self.names {
      guard let bytes = files[name] else { continue }
      metadata[Self.prefix + name] =
        String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .array(.uint8(bytes))
    }
  }

  subscript(name: String) -> [UInt8]? { files[name] }

  /// A JSON file, parsed; nil if it is not there.
  func json(_ name: String) throws(ModelFileError) -> JSONFile? {
    guard let bytes = files[name] else { return nil }
    return try JSONFile(text: bytes, path: path + "/" + name)
  }

  /// The tokenizer of its own files, with what the model's say about it.
  func tokenizer() throws -> TokenizerDescription {
    var description = try TokenizerDescription(huggingFaceFolder: path) { files[$0] }
    try complete(&description)
    return description
  }

  /// Adds what only config.json and generation_config.json say: the beginning of a text, and every token that ends one.
  private func complete(_ description: inout TokenizerDescription) throws {
    func ids(_ file: JSONFile?, _ key: String) throws -> [TokenID] {
      guard let file, let value = file.value(key) else { return [] }
      let list = if case .array(let elements) = value { elements } else { [value] }
      return try list.map { element in
        if case .number(let digits) = element, let id = TokenID(digits), id >= 0, Int(id) < description.tokens.count {
          return id
        }
        throw file.error(key, element.kind, "a token's number, 0 to \(description.tokens.count - 1)")
      }
    }
    let config = try json("config.json"), generation = try json("generation_config.json")
    description.bos = try description.bos ?? ids(config, "bos_token_id").first
    var ends = try ids(generation, "eos_token_id") + ids(config, "eos_token_id")
    description.eos = description.eos ?? ends.first
    ends.removeAll { [description.eos, description.eot, description.eom].contains($0) }
    for end in ends where ![description.eos, description.eot, description.eom].contains(end) {
      if description.eot == nil { description.eot = end } else if description.eom == nil { description.eom = end }
    }
  }
}

extension TokenizerDescription {
  /// The tokenizer of a model that a checkpoint or a file's metadata describe: exactly that of the Hugging Face folder
  /// it came from, or that of the `tokenizer.ggml.*` keys.
  ///
  /// - Parameter vocabularySize: rows of the embedding; a folder's tokenizer is filled up to it with unused tokens.
  public init(source metadata: Metadata, vocabularySize: Int) throws {
    guard let files = HuggingFaceFiles(carriedBy: metadata) else {
      try self.init(gguf: metadata)
      return
    }
    self = try files.tokenizer().filled(to: vocabularySize)
  }

  /// The same tokenizer with tokens that are never used at its end, as many as an embedding has rows to spare.
  func filled(to count: Int) -> TokenizerDescription {
    var filled = self
    for id in tokens.count..<max(tokens.count, count) {
      filled.tokens.append("[PAD\(id)]")
      filled.tokenTypes.append(.unused)
      if !scores.isEmpty { filled.scores.append(0) }
    }
    return filled
  }
}
