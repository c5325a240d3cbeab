import Foundation

extension TokenizerDescription {
  /// The tokenizer of a model's folder as Hugging Face lays it out.
  ///
  /// - Throws: `TokenizerFileError`; `unreadable` if there is no tokenizer.
  public init(huggingFaceFolder folder: String) throws(TokenizerFileError) {
    try self.init(huggingFaceFolder: folder) { name throws(TokenizerFileError) in
      let path = folder + "/" + name
      return FileManager.default.fileExists(atPath: path) ? try Self.bytes(ofFile: path) : nil
    }
  }

  /// The tokenizer of the files of such a folder, wherever they are kept.
  ///
  /// Reads `tokenizer.json` or else `tokenizer.model` (SentencePiece, or Llama 3's tiktoken lines), and
  /// `tokenizer_config.json`, `special_tokens_map.json` and `chat_template.jinja` where they are.
  ///
  /// - Parameters:
  ///   - folder: for messages.
  ///   - bytes: of the file of a name; nil for none.
  /// - Throws: `TokenizerFileError`; `unreadable` if there is no tokenizer.
  public init(
    huggingFaceFolder folder: String, bytes: (_ name: String) throws(TokenizerFileError) -> [UInt8]?
  ) throws(TokenizerFileError) {
    func path(_ name: String) -> String { folder + "/" + name }
    var configurations: [(file: String, bytes: [UInt8])] = []
    for name in ["tokenizer_config.json", "special_tokens_map.json"] {
      if let bytes = try bytes(name) { configurations.append((path(name), bytes)) }
    }
    var template: String?
    if let bytes = try bytes("chat_template.jinja") {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw TokenizerFileError(
          .syntax, file: path("chat_template.jinja"), found: "bytes that are not UTF-8", allowed: "a text in UTF-8",
          repair: "Save the template as UTF-8.")
      }
      template = text
    }
    if let json = try bytes("tokenizer.json") {
      try self.init(
        tokenizerJSON: json, configurations: configurations, chatTemplate: template, file: path("tokenizer.json"))
    } else if let model = try bytes("tokenizer.model") {
      try self.init(
        tokenizerModel: model, configurations: configurations, chatTemplate: template, file: path("tokenizer.model"))
    } else {
      throw TokenizerFileError(
        .unreadable, file: folder, found: "neither tokenizer.json nor tokenizer.model", allowed: "one of the two",
        repair: "Fetch the tokenizer's files of the model into the folder.")
    }
  }

  /// Vocabularies with their merges take some tens of megabytes; larger files are refused before they are read.
  public static let mostFileBytes = 256 << 20

  /// The bytes of a tokenizer's file.
  ///
  /// - Throws: `unreadable` for what is no regular file, is larger than `mostFileBytes`, or may not be read.
  public static func bytes(ofFile path: String) throws(TokenizerFileError) -> [UInt8] {
    func refuse(_ found: String, _ allowed: String, _ repair: String) -> TokenizerFileError {
      TokenizerFileError(.unreadable, file: path, found: found, allowed: allowed, repair: repair)
    }
    let resolved = URL(filePath: path).resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved),
      attributes[.type] as? FileAttributeType == .typeRegular
    else { throw refuse("no regular file", "a file that can be read", "Fetch the tokenizer's files of the model.") }
    if let size = (attributes[.size] as? NSNumber)?.intValue, size > mostFileBytes {
      throw refuse("\(size) bytes", "at most \(mostFileBytes)", "No tokenizer is so large; fetch the file again.")
    }
    do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
      throw refuse("a file that cannot be read", "a file that can be read", "Check its permissions.")
    }
  }
}
