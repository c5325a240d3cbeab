import JSONText

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
  /// The key of the value that is being read, for messages.
  private var key = ""

  /// Reads the whole file.
  ///
  /// - Throws: what is broken, of the wrong kind or contradictory; `unsupported` for a model that is not BPE.
  init(_ bytes: [UInt8], file: String) throws(TokenizerFileError) {
    self.file = file
    // The two long parts are read last, when the rest has told what they are.
    let parts = try reading { (json) throws(JSONError) in try json.readParts(bytes) }
    guard let options = parts.options else { throw absent("model") }
    model = .object(options)
    try checkModel()
    guard let vocabulary = parts.vocabulary else { throw absent("model.vocab") }
    guard let merges = parts.merges else { throw absent("model.merges") }
    try readVocabulary(vocabulary)
    try placeAddedTokens()
    try reading { (json) throws(JSONError) in try json.readMerges(merges) }
  }

  /// Runs a part of the reading; what is wrong with the text is told with the key that was reached.
  private mutating func reading<Result>(
    _ part: (inout TokenizerJSON) throws(JSONError) -> Result
  ) throws(TokenizerFileError) -> Result {
    do throws(JSONError) { return try part(&self) } catch { throw TokenizerFileError(error, file: file, key: key) }
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
        .unsupported, "model.type", found: quoted(type), allowed: "\"BPE\" (byte-level or SentencePiece style)",
        repair: "Use a model with a BPE tokenizer; Unigram, WordPiece and WordLevel are not supported.")
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let text = model[key].string, !text.isEmpty {
        throw error(
          .unsupported, "model.\(key)", found: quoted(text), allowed: "null or an empty text",
          repair: "Use a model with another tokenizer; marked word parts are not supported.")
      }
    }
    if case .number(let dropout) = model["dropout"], Double(dropout) != 0 {
      throw error(
        .unsupported, "model.dropout", found: quoted(dropout), allowed: "null or 0",
        repair: "Set it to null: it makes the tokens of a text random.")
    }
  }

  // MARK: Parts of the text

  /// Reads everything but the two long parts, which are stepped over: cursors stand in front of them.
  private mutating func readParts(
    _ bytes: [UInt8]
  ) throws(JSONError) -> (options: JSONObject?, vocabulary: JSONCursor?, merges: JSONCursor?) {
    var parts: (options: JSONObject?, vocabulary: JSONCursor?, merges: JSONCursor?)
    var cursor = JSONCursor(bytes, mostValues: .max)
    try cursor.object { (name, cursor) throws(JSONError) in
      key = name
      switch name {
      case "added_tokens": try readAddedTokens(&cursor)
      case "normalizer": normalizer = try cursor.part()
      case "pre_tokenizer": preTokenizer = try cursor.part()
      case "post_processor": postProcessor = try cursor.part()
      case "decoder": decoder = try cursor.part()
      case "model":
        var options = JSONObject()
        try cursor.object { (name, cursor) throws(JSONError) in
          key = "model.\(name)"
          switch name {
          case "vocab":
            parts.vocabulary = cursor
            try cursor.skip()
          case "merges":
            parts.merges = cursor
            try skipMerges(&cursor)
          default: options.append(name, try cursor.part())
          }
        }
        parts.options = options
      default: try cursor.skip()
      }
    }
    try cursor.end()
    return parts
  }

  /// Makes room for as many merges as it steps over.
  private mutating func skipMerges(_ cursor: inout JSONCursor) throws(JSONError) {
    guard cursor.peek() == UInt8(ascii: "[") else { return try cursor.skip() }
    var count = 0
    try cursor.array { (cursor) throws(JSONError) in
      try cursor.skip()
      count += 1
    }
    merges.reserveCapacity(count)
  }

  private mutating func readAddedTokens(_ cursor: inout JSONCursor) throws(JSONError) {
    if cursor.peek() == UInt8(ascii: "n") { return try cursor.skip() }
    try cursor.array { (cursor) throws(JSONError) in
      let place = "added_tokens[\(addedTokens.count)]"
      key = place
      _ = cursor.peek()
      let start = cursor.position
      var token = AddedToken()
      try cursor.object { (name, cursor) throws(JSONError) in
        key = "\(place).\(name)"
        switch name {
        case "id": token.id = try cursor.count()
        case "content": token.content = try cursor.string()
        case "single_word": if try cursor.bool() == true { token.rule.insert(.wholeWord) }
        case "lstrip": if try cursor.bool() == true { token.rule.insert(.strippingLeft) }
        case "rstrip": if try cursor.bool() == true { token.rule.insert(.strippingRight) }
        case "normalized": token.isNormalized = try cursor.bool() ?? false
        case "special": token.isSpecial = try cursor.bool() ?? false
        default: try cursor.skip()
        }
      }
      key = place
      guard token.id >= 0, token.content != nil else {
        throw JSONError(
          position: start, found: "an object without both", allowed: "an object with id (from 0) and content")
      }
      addedTokens.append(token)
    }
  }

  private mutating func readVocabulary(_ start: JSONCursor) throws(TokenizerFileError) {
    key = "model.vocab"
    var entries = 0
    var largest = -1
    try reading { (_) throws(JSONError) in
      var cursor = start
      // A text with two ids is found when the ids are looked up by it.
      try cursor.object(allowsRepeatedKeys: true) { (_, cursor) throws(JSONError) in
        (entries, largest) = (entries + 1, max(largest, try cursor.count()))
      }
    }
    for token in addedTokens { largest = max(largest, token.id) }
    let all = entries + addedTokens.count
    guard largest < all + all / 4 + 1024 else {
      throw error(
        .invalid, "model.vocab", found: "the id \(largest) among \(all) tokens", allowed: "ids without large holes",
        repair: "Fetch the file again.")
    }
    texts = Array(repeating: nil, count: largest + 1)
    var second: (text: String, id: Int)?
    try reading { (json) throws(JSONError) in
      var cursor = start
      try cursor.object(allowsRepeatedKeys: true) { (text, cursor) throws(JSONError) in
        let id = try cursor.count()
        if let there = json.texts[id], !there.utf8.elementsEqual(text.utf8) { second = (text, id) }
        json.texts[id] = text
      }
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
      .invalid, key, found: "the id \(id) for \(quoted(text)) and for \(quoted(texts[id] ?? ""))",
      allowed: "one text for each id", repair: "Give one of them an id of its own.")
  }

  /// Both spellings: `"a b"`, and `["a", "b"]` as the library writes it since 0.20.
  private mutating func readMerges(_ start: JSONCursor) throws(JSONError) {
    key = "model.merges"
    defer { key = "model.merges[\(merges.count)]" }
    var cursor = start
    try cursor.array { (cursor) throws(JSONError) in
      if cursor.peek() == UInt8(ascii: "\"") { return merges.append(try cursor.string()) }
      var parts: [String] = []
      let place = cursor.position
      try cursor.array { (cursor) throws(JSONError) in
        _ = cursor.peek()
        let place = cursor.position
        let text = try cursor.string()
        guard parts.count < 2, !text.isEmpty, !text.utf8.contains(0x20) else {
          throw JSONError(
            position: place, found: quoted(text), allowed: "two texts, neither empty nor with a space in it")
        }
        parts.append(text)
      }
      guard parts.count == 2 else {
        throw JSONError(position: place, found: "\(parts.count) of them", allowed: "two texts")
      }
      merges.append(parts[0] + " " + parts[1])
    }
  }
}
