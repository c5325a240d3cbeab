import FoundationEssentials

extension TokenizerDescription {
  /// The tokenizer of a model's folder as Hugging Face lays it out.
  ///
  /// Reads `tokenizer.json` or else `tokenizer.model` (SentencePiece, or Llama 3's tiktoken lines), and
  /// `tokenizer_config.json`, `special_tokens_map.json` and `chat_template.jinja` where they are.
  ///
  /// - Throws: `TokenizerFileError`; `unreadable` if there is no tokenizer.
  public init(huggingFaceFolder folder: String) throws(TokenizerFileError) {
    func path(_ name: String) -> String { folder + "/" + name }
    var configurations: [(file: String, bytes: [UInt8])] = []
    for name in ["tokenizer_config.json", "special_tokens_map.json"] where Self.exists(path(name)) {
      configurations.append((path(name), try Self.read(path(name))))
    }
    var template: String?
    if Self.exists(path("chat_template.jinja")) {
      let bytes = try Self.read(path("chat_template.jinja"))
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw TokenizerFileError(
          .syntax, file: path("chat_template.jinja"), found: "bytes that are not UTF-8", allowed: "a text in UTF-8",
          repair: "Save the template as UTF-8.")
      }
      template = text
    }
    let json = path("tokenizer.json"), model = path("tokenizer.model")
    if Self.exists(json) {
      try self.init(
        tokenizerJSON: try Self.read(json), configurations: configurations, chatTemplate: template, file: json)
    } else if Self.exists(model) {
      try self.init(
        tokenizerModel: try Self.read(model), configurations: configurations, chatTemplate: template, file: model)
    } else {
      throw TokenizerFileError(
        .unreadable, file: folder, found: "neither tokenizer.json nor tokenizer.model", allowed: "one of the two",
        repair: "Fetch the tokenizer's files of the model into the folder.")
    }
  }

  private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private static func read(_ path: String) throws(TokenizerFileError) -> [UInt8] {
    do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
      throw TokenizerFileError(
        .unreadable, file: path, found: "a file that cannot be read",
        allowed: "a readable file", repair: "Check its permissions.")
    }
  }
}
