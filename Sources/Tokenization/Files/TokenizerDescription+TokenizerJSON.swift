import JSONText

extension TokenizerDescription {
  /// The tokenizer that a Hugging Face `tokenizer.json` describes.
  ///
  /// Byte-level BPE with the splits of GPT-2, SmolLM, Llama 3 and Qwen 2, and BPE in SentencePiece's manner (Llama 2,
  /// Mistral, TinyLlama, Yi); `Docs/Tokenizers.md` lists every part that is understood.
  ///
  /// - Parameters:
  ///   - json: the bytes of `tokenizer.json`.
  ///   - configurations: the bytes of `tokenizer_config.json` and `special_tokens_map.json`; of two that say something
  ///     about the same key the first counts.
  ///   - chatTemplate: the text of `chat_template.jinja`; counts before a template in a configuration.
  ///   - file: the name for messages.
  /// - Throws: `TokenizerFileError`, `unsupported` for everything that would change the tokens of a text and is not done.
  public init(
    tokenizerJSON json: [UInt8], configurations: [(file: String, bytes: [UInt8])] = [], chatTemplate: String? = nil,
    file: String = "tokenizer.json"
  ) throws(TokenizerFileError) {
    var configuration = TokenizerConfiguration()
    for part in configurations { try configuration.add(part.bytes, file: part.file) }
    if let chatTemplate { configuration.setChatTemplate(chatTemplate) }
    let parsed = try TokenizerJSON(json, file: file)
    try self.init(parsed, try TokenizerStructure(parsed), configuration)
  }

  init(
    _ json: TokenizerJSON, _ structure: TokenizerStructure, _ configuration: TokenizerConfiguration
  ) throws(TokenizerFileError) {
    let ids = try json.idsByText()
    func id(_ text: String?, _ key: String) throws(TokenizerFileError) -> TokenID? {
      guard let text else { return nil }
      if let id = ids.find(text.utf8.span, 0..<text.utf8.count) { return id }
      throw json.error(
        .invalid, key, found: quoted(text), allowed: "a token of the vocabulary",
        repair: "Add the token, or correct the name.")
    }
    // Configurations may name tokens that the vocabulary lacks; transformers would add them at its end.
    func configured(_ text: String?) -> TokenID? { text.flatMap { ids.find($0.utf8.span, 0..<$0.utf8.count) } }
    let unknown = try id(json.model["unk_token"].string, "model.unk_token")
    let bos = try id(structure.bos, "post_processor.single"), eos = try id(structure.eos, "post_processor.single")
    try self.init(json, structure, ids, unknown: structure.byteLevel == nil ? unknown : nil)
    self.bos = configured(configuration.bos) ?? bos
    self.eos = configured(configuration.eos) ?? eos
    padding = configured(configuration.padding)
    eot = WellKnownToken.turnEnds.lazy.compactMap { configured($0) }.first { tokenTypes[Int($0)] == .control }
    if eot == self.eos { eot = nil }
    // What these classes do when nothing is said.
    let isLlama = ["LlamaTokenizer", "LlamaTokenizerFast", "CodeLlamaTokenizer"].contains(
      configuration.tokenizerClass ?? "")
    addsBOS = configuration.addsBOS ?? (structure.bos != nil || isLlama) && self.bos != nil
    addsEOS = configuration.addsEOS ?? (structure.eos != nil)
    self.chatTemplate = configuration.chatTemplate
  }

  /// The vocabulary, its types and merges.
  private init(
    _ json: TokenizerJSON, _ structure: TokenizerStructure, _ ids: ByteStringTable, unknown: TokenID?
  ) throws(TokenizerFileError) {
    try json.checkMerges(ids)
    let isSentencePiece = structure.byteLevel == nil
    let hasFallback = isSentencePiece && json.model["byte_fallback"].bool == true
    var types = json.texts.map { text in
      guard let text else { return TokenType.unused }
      return hasFallback && Vocabulary.byteValue(text) != nil ? .byte : .normal
    }
    var rules: [TokenID: AddedTokenRule] = [:]
    for (index, token) in json.addedTokens.enumerated() {
      types[token.id] = token.isSpecial ? .control : .userDefined
      if !token.rule.isEmpty { rules[TokenID(token.id)] = token.rule }
      if token.isNormalized && structure.changesAddedTokens {
        throw json.error(
          .unsupported, "added_tokens[\(index)].normalized", found: "true, with the normalizer Prepend",
          allowed: "false", repair: "Set it to false; otherwise the token is found behind a space only.")
      }
    }
    if let unknown { types[Int(unknown)] = .unknown }
    self.init(
      model: structure.byteLevel.map { .byteLevelBPE($0) } ?? .sentencePieceBPE,
      tokens: json.texts.enumerated().map { $1 ?? "[PAD\($0)]" }, tokenTypes: types,
      scores: isSentencePiece ? json.scores(ids) : [], merges: json.merges, unknown: unknown,
      addsSpacePrefix: structure.spacePrefix != nil, normalizesToNFC: structure.normalizesToNFC,
      spacePrefix: structure.spacePrefix ?? .everyPart, addedTokenRules: rules)
    if isSentencePiece { try checkSentencePiece(json, structure, hasFallback) } else { try checkByteLevel(json) }
  }

  private func checkSentencePiece(
    _ json: TokenizerJSON, _ structure: TokenizerStructure, _ hasFallback: Bool
  ) throws(TokenizerFileError) {
    if json.model["ignore_merges"].bool == true {
      throw json.error(
        .unsupported, "model.ignore_merges", found: "true", allowed: "false for a model without ByteLevel",
        repair: "Use a model of another family.")
    }
    let bytes = Set(zip(tokens, tokenTypes).lazy.filter { $1 == .byte }.compactMap { Vocabulary.byteValue($0.0) })
    let fusesUnknown = json.model["fuse_unk"].bool ?? false
    guard bytes.count == 256 || unknown != nil && fusesUnknown else {
      throw json.error(
        .unsupported, "model.byte_fallback", found: "\(bytes.count) of the 256 tokens <0x00>...<0xFF>",
        allowed: "byte_fallback with all of them, or unk_token with fuse_unk",
        repair: "Use a model whose tokenizer can write every text.")
    }
    guard structure.splitsWords else { return }
    for (index, token) in tokens.enumerated() where tokenTypes[index] == .normal {
      if token.unicodeScalars.dropFirst().contains("\u{2581}") {
        throw json.error(
          .unsupported, "pre_tokenizer.split", found: "true, with the token \(quoted(token))",
          allowed: "false where tokens have ▁ behind another character",
          repair: "Set it to false if the model was trained so.")
      }
    }
  }

  private func checkByteLevel(_ json: TokenizerJSON) throws(TokenizerFileError) {
    guard case .byteLevelBPE(let preTokenizer) = model else { return }
    let ignoresMerges = json.model["ignore_merges"].bool ?? false
    if ignoresMerges != preTokenizer.ignoresMerges, let token = unmergeableToken() {
      throw json.error(
        .unsupported, "model.ignore_merges", found: "\(ignoresMerges), with the splits of \(preTokenizer.rawValue)",
        allowed: "\(preTokenizer.ignoresMerges), because merges do not give the token \(quoted(token))",
        repair: "Set it to \(preTokenizer.ignoresMerges), as published files of this family have it.")
    }
    let usesFallback = json.model["byte_fallback"].bool == true || json.model["unk_token"] != .null
    let single = Set(tokens.lazy.filter { $0.utf8.count <= 2 }.compactMap(\.unicodeScalars.first))
    if usesFallback, let missing = ByteAlphabet.scalars.first(where: { !single.contains($0) }) {
      throw json.error(
        .unsupported, "model.unk_token", found: "a fallback for the missing byte \(missing)",
        allowed: "null with ByteLevel, or a vocabulary with all 256 bytes", repair: "Use another model.")
    }
  }

  /// A token that the merges of its own bytes do not give.
  private func unmergeableToken() -> String? {
    guard let vocabulary = try? Vocabulary(self),
      let plain = try? ByteLevelBPE(self, .gpt2, vocabulary)
    else { return nil }
    return tokens.indices.first {
      vocabulary.types[$0] == .normal && ByteAlphabet.decode(tokens[$0]) != nil && !plain.isWholePiece(tokens[$0])
    }.map { tokens[$0] }
  }
}

extension TokenizerJSON {
  /// The ids by text.
  ///
  /// - Throws: `invalid` if two ids have one text.
  func idsByText() throws(TokenizerFileError) -> ByteStringTable {
    var ids = ByteStringTable(capacity: texts.count, bytes: texts.reduce(0) { $0 + ($1?.utf8.count ?? 0) })
    for (id, text) in texts.enumerated() {
      guard let text, !text.isEmpty, let first = ids.insert(text.utf8.span, TokenID(id)) else { continue }
      throw error(
        .invalid, "added_tokens", found: "the ids \(first) and \(id) for \(quoted(text))",
        allowed: "one id for each text", repair: "Take one of them out.")
    }
    return ids
  }

  /// Checks that both parts of every merge, and what they give, are tokens.
  fileprivate func checkMerges(_ ids: ByteStringTable) throws(TokenizerFileError) {
    for (index, merge) in merges.enumerated() {
      guard let parts = MergeParts(merge) else {
        throw error(
          .invalid, "model.merges[\(index)]", found: quoted(merge), allowed: "two tokens with a space between",
          repair: "Fetch the file again.")
      }
      if parts.missing(ids) {
        throw error(
          .invalid, "model.merges[\(index)]", found: quoted(merge),
          allowed: "two tokens that, joined, are a token too", repair: "Fetch the file again.")
      }
    }
  }

  /// Scores that order the tokens of a SentencePiece vocabulary as the merges do: minus the first merge's rank.
  fileprivate func scores(_ ids: ByteStringTable) -> [Float] {
    var scores = [Float](repeating: 0, count: texts.count)
    var isSet = [Bool](repeating: false, count: texts.count)
    for (index, merge) in merges.enumerated() {
      guard let id = MergeParts(merge)?.result(ids), !isSet[Int(id)] else { continue }
      (scores[Int(id)], isSet[Int(id)]) = (-Float(index), true)
    }
    return scores
  }
}
