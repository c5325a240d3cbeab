extension TokenizerDescription {
  /// The tokenizer of a `tokenizer.model`: SentencePiece's protocol buffer, or Llama 3's lines of base64 and rank.
  ///
  /// - Parameters:
  ///   - configurations: the bytes of `tokenizer_config.json` and `special_tokens_map.json`.
  ///   - chatTemplate: the text of `chat_template.jinja`.
  ///   - file: the name for messages.
  public init(
    tokenizerModel bytes: [UInt8], configurations: [(file: String, bytes: [UInt8])] = [], chatTemplate: String? = nil,
    file: String = "tokenizer.model"
  ) throws(TokenizerFileError) {
    var configuration = TokenizerConfiguration()
    for part in configurations { try configuration.add(part.bytes, file: part.file) }
    if let chatTemplate { configuration.setChatTemplate(chatTemplate) }
    // A SentencePiece model begins with the tag of its first piece, which is no base64 character.
    if bytes.first == 0x0A {
      self = try SentencePieceFile(bytes, file: file).description()
    } else {
      self = try TiktokenFile(bytes, file: file).description()
    }
    func id(_ text: String?) -> TokenID? {
      text.flatMap { text in tokens.firstIndex { $0.utf8.elementsEqual(text.utf8) }.map { TokenID($0) } }
    }
    bos = id(configuration.bos) ?? bos
    eos = id(configuration.eos) ?? eos
    padding = id(configuration.padding) ?? padding
    addsBOS = configuration.addsBOS ?? addsBOS
    addsEOS = configuration.addsEOS ?? addsEOS
    self.chatTemplate = configuration.chatTemplate
  }
}
