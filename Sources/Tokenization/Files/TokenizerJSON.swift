/// What a Hugging Face `tokenizer.json` holds, before anybody asks what it means.
struct TokenizerJSON {
  /// A text that is found before anything else.
  struct AddedToken {
    var id = -1
    var content: String?
    var rule: AddedTokenRule = []
    /// Whether it is looked for in normalized text.
    var isNormalized = false
    /// Whether it is structure and not text.
    var isSpecial = false
  }

  let file: String
  private(set) var addedTokens: [AddedToken] = []
  private(set) var normalizer = JSONValue.null
  private(set) var preTokenizer = JSONValue.null
  private(set) var postProcessor = JSONValue.null
  private(set) var decoder = JSONValue.null
  /// The members of `model` other than its vocabulary and merges.
  private(set) var model = JSONValue.null
  /// The text of every id; nil where neither the vocabulary nor the added tokens have one.
  private(set) var texts: [String?] = []
  /// `left right`, best first.
  private(set) var merges: [String] = []

  /// Reads the whole file.
  ///
  /// - Throws: what is broken, of the wrong kind or contradictory; `unsupported` for a model that is not BPE.
  init(_ bytes: [UInt8], file: String) throws(TokenizerFileError) {
    self.file = file
    var cursor = JSONCursor(bytes, file: file)
    // The two long parts are read last, when the rest has told what they are.
    var vocabulary: JSONCursor?
    var merges: JSONCursor?
    var options: [JSONValue.Member]?
    try cursor.object { (cursor, name) throws(TokenizerFileError) in
      cursor.key = name
      switch name {
      case "added_tokens": addedTokens = try Self.readAddedTokens(&cursor)
      case "normalizer": normalizer = try JSONValue(reading: &cursor)
      case "pre_tokenizer": preTokenizer = try JSONValue(reading: &cursor)
      case "post_processor": postProcessor = try JSONValue(reading: &cursor)
      case "decoder": decoder = try JSONValue(reading: &cursor)
      case "model":
        var members: [JSONValue.Member] = []
        try cursor.object { (cursor, name) throws(TokenizerFileError) in
          cursor.key = "model.\(name)"
          switch name {
          case "vocab":
            vocabulary = cursor
            try cursor.skip()
          case "merges":
            merges = cursor
            try cursor.skip()
          default: members.append(.init(name: name, value: try JSONValue(reading: &cursor)))
          }
        }
        options = members
      default: try cursor.skip()
      }
    }
    try cursor.finish()
    guard let options else { throw absent("model") }
    model = .object(options)
    try checkModel()
    guard let vocabulary else { throw absent("model.vocab") }
    guard let merges else { throw absent("model.merges") }
    try readVocabulary(vocabulary)
    try placeAddedTokens()
    self.merges = try Self.readMerges(merges)
  }

  /// An error about one key of this file.
  func error(
    _ kind: TokenizerFileError.Kind, _ key: String, found: String, allowed: String, repair: String
  ) -> TokenizerFileError {
    TokenizerFileError(kind, file: file, key: key, found: found, allowed: allowed, repair: repair)
  }

  private func absent(_ key: String) -> TokenizerFileError {
    error(
      .invalid, key, found: "no such key", allowed: "a tokenizer.json of the tokenizers library",
      repair: "Fetch the file again, or save it again with transformers' save_pretrained.")
  }

  private func checkModel() throws(TokenizerFileError) {
    // Files before 2021 leave the type out; then merges tell that it is BPE.
    let type = model.type ?? "BPE"
    guard type == "BPE" else {
      throw error(
        .unsupported, "model.type", found: quotedText(type), allowed: "\"BPE\" (byte-level or SentencePiece style)",
        repair: "Use a model with a BPE tokenizer; Unigram, WordPiece and WordLevel are not supported.")
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let text = model[key].string, !text.isEmpty {
        throw error(
          .unsupported, "model.\(key)", found: quotedText(text), allowed: "null or an empty text",
          repair: "Use a model with another tokenizer; marked word parts are not supported.")
      }
    }
    if case .number(let dropout) = model["dropout"], dropout != 0 {
      throw error(
        .unsupported, "model.dropout", found: "\(dropout)", allowed: "null or 0",
        repair: "Set it to null: it makes the tokens of a text random.")
    }
  }

  // MARK: Long parts

  private static func readAddedTokens(_ cursor: inout JSONCursor) throws(TokenizerFileError) -> [AddedToken] {
    var tokens: [AddedToken] = []
    if cursor.peek() == UInt8(ascii: "n") {
      try cursor.skip()
      return []
    }
    try cursor.array { (cursor, index) throws(TokenizerFileError) in
      cursor.key = "added_tokens[\(index)]"
      var token = AddedToken()
      try cursor.object { (cursor, name) throws(TokenizerFileError) in
        cursor.key = "added_tokens[\(index)].\(name)"
        switch name {
        case "id": token.id = try cursor.integer()
        case "content": token.content = try cursor.string()
        case "single_word": if try cursor.literal() == true { token.rule.insert(.wholeWord) }
        case "lstrip": if try cursor.literal() == true { token.rule.insert(.strippingLeft) }
        case "rstrip": if try cursor.literal() == true { token.rule.insert(.strippingRight) }
        case "normalized": token.isNormalized = try cursor.literal() ?? false
        case "special": token.isSpecial = try cursor.literal() ?? false
        default: try cursor.skip()
        }
      }
      cursor.key = "added_tokens[\(index)]"
      guard token.id >= 0, token.content != nil else {
        throw cursor.wrongKind("an object with id (from 0) and content")
      }
      tokens.append(token)
    }
    return tokens
  }

  private mutating func readVocabulary(_ start: JSONCursor) throws(TokenizerFileError) {
    var entries = 0
    var largest = -1
    var counting = start
    try counting.object { (cursor, _) throws(TokenizerFileError) in
      let id = try cursor.integer()
      guard id >= 0 else { throw cursor.wrongKind("ids from 0") }
      (entries, largest) = (entries + 1, max(largest, id))
    }
    for token in addedTokens { largest = max(largest, token.id) }
    let all = entries + addedTokens.count
    guard largest < all + all / 4 + 1024 else {
      throw error(
        .invalid, "model.vocab", found: "the id \(largest) among \(all) tokens", allowed: "ids without large holes",
        repair: "Fetch the file again.")
    }
    texts = Array(repeating: nil, count: largest + 1)
    var reading = start
    var second: (text: String, id: Int)?
    try reading.object { (cursor, text) throws(TokenizerFileError) in
      let id = try cursor.integer()
      if let there = texts[id], !there.utf8.elementsEqual(text.utf8) { second = (text, id) }
      texts[id] = text
    }
    if let second { throw duplicate(second.id, second.text, "model.vocab") }
  }

  private mutating func placeAddedTokens() throws(TokenizerFileError) {
    for (index, token) in addedTokens.enumerated() {
      guard let content = token.content else { continue }
      if let there = texts[token.id], there.utf8.elementsEqual(content.utf8) == false {
        throw duplicate(token.id, content, "added_tokens[\(index)]")
      }
      texts[token.id] = content
    }
  }

  private func duplicate(_ id: Int, _ text: String, _ key: String) -> TokenizerFileError {
    error(
      .invalid, key, found: "the id \(id) for \(quotedText(text)) and for \(quotedText(texts[id] ?? ""))",
      allowed: "one text for each id", repair: "Give one of them an id of its own.")
  }

  /// Both spellings: `"a b"`, and `["a", "b"]` as the library writes it since 0.20.
  private static func readMerges(_ start: JSONCursor) throws(TokenizerFileError) -> [String] {
    var count = 0
    var counting = start
    counting.key = "model.merges"
    try counting.array { (cursor, _) throws(TokenizerFileError) in
      try cursor.skip()
      count += 1
    }
    var merges: [String] = []
    merges.reserveCapacity(count)
    var reading = start
    try reading.array { (cursor, index) throws(TokenizerFileError) in
      cursor.key = "model.merges[\(index)]"
      if cursor.peek() == UInt8(ascii: "\"") { return merges.append(try cursor.string()) }
      var parts: [String] = []
      try cursor.array { (cursor, part) throws(TokenizerFileError) in
        let text = try cursor.string()
        guard part < 2, !text.isEmpty, !text.utf8.contains(0x20) else {
          throw cursor.wrongKind("two texts, neither empty nor with a space in it")
        }
        parts.append(text)
      }
      guard parts.count == 2 else { throw cursor.wrongKind("two texts") }
      merges.append(parts[0] + " " + parts[1])
    }
    return merges
  }
}
