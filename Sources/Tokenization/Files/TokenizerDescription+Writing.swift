import JSONText

extension TokenizerDescription {
  /// The files by which transformers and the tokenizers library get this tokenizer: `tokenizer.json`,
  /// `tokenizer_config.json` and `special_tokens_map.json`.
  ///
  /// They encode equally, except where two ways of merging a SentencePiece token by score tie.
  ///
  /// - Parameter contextLength: written as `model_max_length`.
  public func huggingFaceFiles(contextLength: Int? = nil) -> [(name: String, bytes: [UInt8])] {
    [
      ("tokenizer.json", tokenizerJSON()),
      ("tokenizer_config.json", JSONValue.object(tokenizerConfiguration(contextLength)).bytes() + [0x0A]),
      ("special_tokens_map.json", JSONValue.object(JSONObject(specialTokens)).bytes() + [0x0A]),
    ]
  }

  /// The bytes of a `tokenizer.json`.
  public func tokenizerJSON() -> [UInt8] {
    let json: JSONValue = [
      "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": .array(addedTokens),
      "normalizer": normalizer, "pre_tokenizer": preTokenizer, "post_processor": postProcessor, "decoder": decoder,
      "model": modelJSON,
    ]
    return json.bytes() + [0x0A]
  }

  private var isSentencePiece: Bool { model == .sentencePieceBPE }
  private func text(_ id: TokenID?) -> JSONValue { id.map { .string(tokens[Int($0)]) } ?? .null }

  // MARK: Parts of tokenizer.json

  private var modelJSON: JSONValue {
    var ignoresMerges = false
    if case .byteLevelBPE(let preTokenizer) = model { ignoresMerges = preTokenizer.ignoresMerges }
    var vocabulary = JSONObject()
    for (id, token) in tokens.enumerated() { vocabulary.append(token, .integer(id)) }
    return [
      "type": "BPE", "dropout": .null, "unk_token": isSentencePiece ? text(unknown) : .null,
      "continuing_subword_prefix": .null, "end_of_word_suffix": .null, "fuse_unk": .bool(isSentencePiece),
      "byte_fallback": .bool(isSentencePiece), "ignore_merges": .bool(ignoresMerges), "vocab": .object(vocabulary),
      "merges": .array(mergesForFile().map { .string($0) }),
    ]
  }

  private var addedTokens: [JSONValue] {
    tokens.indices.compactMap { index in
      let type = tokenTypes[index]
      guard [.control, .unknown, .userDefined].contains(type), !tokens[index].isEmpty else { return nil }
      let rule = addedTokenRules[TokenID(index)] ?? []
      return [
        "id": .integer(index), "content": .string(tokens[index]), "single_word": .bool(rule.contains(.wholeWord)),
        "lstrip": .bool(rule.contains(.strippingLeft)), "rstrip": .bool(rule.contains(.strippingRight)),
        "normalized": false, "special": .bool(type != .userDefined),
      ]
    }
  }

  private var normalizer: JSONValue {
    let replace: JSONValue = ["type": "Replace", "pattern": ["String": " "], "content": "\u{2581}"]
    if !isSentencePiece { return normalizesToNFC ? ["type": "NFC"] : .null }
    if !addsSpacePrefix { return replace }
    guard spacePrefix == .everyPart else { return .null }
    return ["type": "Sequence", "normalizers": [["type": "Prepend", "prepend": "\u{2581}"], replace]]
  }

  private var preTokenizer: JSONValue {
    guard case .byteLevelBPE(let preTokenizer) = model else {
      guard addsSpacePrefix, spacePrefix != .everyPart else { return .null }
      let scheme = spacePrefix == .documentOnce ? "first" : "always"
      return ["type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": .string(scheme), "split": false]
    }
    let steps = preTokenizer.fileSteps.map { step -> JSONValue in
      switch step {
      case .digits: ["type": "Digits", "individual_digits": true]
      case .split(let expression):
        ["type": "Split", "pattern": ["Regex": .string(expression)], "behavior": "Isolated", "invert": false]
      }
    }
    return ["type": "Sequence", "pretokenizers": .array(steps + [byteLevel(prefix: false)])]
  }

  private func byteLevel(prefix: Bool) -> JSONValue {
    ["type": "ByteLevel", "add_prefix_space": .bool(prefix), "trim_offsets": true, "use_regex": false]
  }

  private var postProcessor: JSONValue {
    let front = addsBOS ? bos : nil, behind = addsEOS ? eos : nil
    if front == nil, behind == nil { return .null }
    func special(_ id: TokenID?, _ type: Int) -> [JSONValue] {
      id == nil ? [] : [["SpecialToken": ["id": text(id), "type_id": .integer(type)]]]
    }
    func part(_ name: String, _ type: Int) -> [JSONValue] {
      special(front, type) + [["Sequence": ["id": .string(name), "type_id": .integer(type)]]]
        + special(behind, type)
    }
    var named = JSONObject()
    for id in Set([front, behind].compactMap(\.self)).sorted() {
      let entry: JSONValue = ["id": text(id), "ids": [.integer(Int(id))], "tokens": [text(id)]]
      named.append(tokens[Int(id)], entry)
    }
    return [
      "type": "TemplateProcessing", "single": .array(part("A", 0)), "pair": .array(part("A", 0) + part("B", 1)),
      "special_tokens": .object(named),
    ]
  }

  private var decoder: JSONValue {
    guard isSentencePiece else { return byteLevel(prefix: true) }
    let strip: [JSONValue] = addsSpacePrefix ? [["type": "Strip", "content": " ", "start": 1, "stop": 0]] : []
    let steps: [JSONValue] = [
      ["type": "Replace", "pattern": ["String": "\u{2581}"], "content": " "], ["type": "ByteFallback"],
      ["type": "Fuse"],
    ]
    return ["type": "Sequence", "decoders": .array(steps + strip)]
  }

  // MARK: Other files

  private var specialTokens: [(key: String, value: JSONValue)] {
    [("bos_token", bos), ("eos_token", eos), ("unk_token", unknown), ("pad_token", padding)].compactMap { key, id in
      id == nil ? nil : (key, text(id))
    }
  }

  private func tokenizerConfiguration(_ contextLength: Int?) -> JSONObject {
    var object = JSONObject()
    object.append("add_bos_token", .bool(addsBOS))
    object.append("add_eos_token", .bool(addsEOS))
    for token in specialTokens { object.append(token.key, token.value) }
    if let chatTemplate { object.append("chat_template", .string(chatTemplate)) }
    object.append("clean_up_tokenization_spaces", false)
    if let contextLength { object.append("model_max_length", .integer(contextLength)) }
    // The class that takes tokenizer.json as it is, in transformers 4 and 5.
    object.append("tokenizer_class", "PreTrainedTokenizerFast")
    return object
  }

  /// The merges, or those that the scores stand for.
  private func mergesForFile() -> [String] {
    guard isSentencePiece, merges.isEmpty else { return merges }
    return SentencePieceTables.merges(of: self)
  }
}
