extension TokenizerDescription {
  /// The files by which transformers and the tokenizers library get this tokenizer: `tokenizer.json`,
  /// `tokenizer_config.json` and `special_tokens_map.json`.
  ///
  /// They encode equally, except where two ways of merging a SentencePiece token by score tie.
  ///
  /// - Parameter contextLength: written as `model_max_length`.
  public func huggingFaceFiles(contextLength: Int? = nil) -> [(name: String, bytes: [UInt8])] {
    func file(_ value: JSONValue) -> [UInt8] {
      var writer = JSONWriter()
      writer.write(value)
      writer.newLine()
      return writer.bytes
    }
    return [
      ("tokenizer.json", tokenizerJSON()), ("tokenizer_config.json", file(tokenizerConfiguration(contextLength))),
      ("special_tokens_map.json", file(.object(specialTokens))),
    ]
  }

  /// The bytes of a `tokenizer.json`.
  public func tokenizerJSON() -> [UInt8] {
    var writer = JSONWriter()
    let parts: [(String, (inout JSONWriter) -> Void)] = [
      ("version", { $0.write("1.0") }), ("truncation", { $0.write(.null) }), ("padding", { $0.write(.null) }),
      ("added_tokens", { $0.write(.array(addedTokens)) }), ("normalizer", { $0.write(normalizer) }),
      ("pre_tokenizer", { $0.write(preTokenizer) }), ("post_processor", { $0.write(postProcessor) }),
      ("decoder", { $0.write(decoder) }), ("model", writeModel),
    ]
    writer.list("{", "}", parts.count) { writer, index in
      writer.write(parts[index].0)
      writer.raw(": ")
      parts[index].1(&writer)
    }
    writer.newLine()
    return writer.bytes
  }

  private var isSentencePiece: Bool { model == .sentencePieceBPE }
  private func text(_ id: TokenID?) -> JSONValue { id.map { .string(tokens[Int($0)]) } ?? .null }

  // MARK: Parts of tokenizer.json

  private func writeModel(_ writer: inout JSONWriter) {
    var ignoresMerges = false
    if case .byteLevelBPE(let preTokenizer) = model { ignoresMerges = preTokenizer.ignoresMerges }
    let options: [(String, JSONValue)] = [
      ("type", "BPE"), ("dropout", nil), ("unk_token", isSentencePiece ? text(unknown) : .null),
      ("continuing_subword_prefix", nil), ("end_of_word_suffix", nil), ("fuse_unk", .bool(isSentencePiece)),
      ("byte_fallback", .bool(isSentencePiece)), ("ignore_merges", .bool(ignoresMerges)),
    ]
    let merges = mergesForFile()
    writer.list("{", "}", options.count + 2) { writer, index in
      if index < options.count {
        writer.write(options[index].0)
        writer.raw(": ")
        writer.write(options[index].1)
      } else if index == options.count {
        writer.raw("\"vocab\": ")
        writer.list("{", "}", tokens.count) { writer, id in
          writer.write(tokens[id])
          writer.raw(": \(id)")
        }
      } else {
        writer.raw("\"merges\": ")
        writer.list("[", "]", merges.count) { $0.write(merges[$1]) }
      }
    }
  }

  private var addedTokens: [JSONValue] {
    tokens.indices.compactMap { index in
      let type = tokenTypes[index]
      guard [.control, .unknown, .userDefined].contains(type), !tokens[index].isEmpty else { return nil }
      let rule = addedTokenRules[TokenID(index)] ?? []
      return [
        ("id", .number(Double(index))), ("content", .string(tokens[index])),
        ("single_word", .bool(rule.contains(.wholeWord))), ("lstrip", .bool(rule.contains(.strippingLeft))),
        ("rstrip", .bool(rule.contains(.strippingRight))), ("normalized", false),
        ("special", .bool(type != .userDefined)),
      ].object
    }
  }

  private var normalizer: JSONValue {
    let replace: JSONValue = ["type": "Replace", "pattern": ["String": " "], "content": "\u{2581}"]
    if !isSentencePiece { return normalizesToNFC ? ["type": "NFC"] : nil }
    if !addsSpacePrefix { return replace }
    guard spacePrefix == .everyPart else { return nil }
    return ["type": "Sequence", "normalizers": [["type": "Prepend", "prepend": "\u{2581}"], replace]]
  }

  private var preTokenizer: JSONValue {
    guard case .byteLevelBPE(let preTokenizer) = model else {
      guard addsSpacePrefix, spacePrefix != .everyPart else { return nil }
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
    if front == nil, behind == nil { return nil }
    func special(_ id: TokenID?, _ type: Int) -> [JSONValue] {
      id == nil ? [] : [["SpecialToken": ["id": text(id), "type_id": .number(Double(type))]]]
    }
    func part(_ name: String, _ type: Int) -> [JSONValue] {
      special(front, type) + [["Sequence": ["id": .string(name), "type_id": .number(Double(type))]]]
        + special(behind, type)
    }
    var named: [JSONValue.Member] = []
    for id in Set([front, behind].compactMap(\.self)).sorted() {
      let entry: JSONValue = ["id": text(id), "ids": [.number(Double(id))], "tokens": [text(id)]]
      named.append(.init(name: tokens[Int(id)], value: entry))
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

  private var specialTokens: [JSONValue.Member] {
    [("bos_token", bos), ("eos_token", eos), ("unk_token", unknown), ("pad_token", padding)].compactMap { key, id in
      id == nil ? nil : JSONValue.Member(name: key, value: text(id))
    }
  }

  private func tokenizerConfiguration(_ contextLength: Int?) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("add_bos_token", .bool(addsBOS)), ("add_eos_token", .bool(addsEOS)),
    ]
    members += specialTokens.map { ($0.name, $0.value) }
    if let chatTemplate { members.append(("chat_template", .string(chatTemplate))) }
    members.append(("clean_up_tokenization_spaces", false))
    if let contextLength { members.append(("model_max_length", .number(Double(contextLength)))) }
    // The class that takes tokenizer.json as it is, in transformers 4 and 5.
    members.append(("tokenizer_class", "PreTrainedTokenizerFast"))
    return members.object
  }

  /// The merges, or those that the scores stand for.
  private func mergesForFile() -> [String] {
    guard isSentencePiece, merges.isEmpty else { return merges }
    return SentencePieceTables.merges(of: self)
  }
}

extension [(String, JSONValue)] {
  fileprivate var object: JSONValue { .object(map { JSONValue.Member(name: $0, value: $1) }) }
}
