import JSONText

/// What the normalizer, the pre-tokenizer and the post-processor of a `tokenizer.json` come to.
///
/// Every part is recognised or refused by name; nothing is passed over.
struct TokenizerStructure {
  /// The pre-tokenizer of a byte-level model; nil for SentencePiece.
  private(set) var byteLevel: PreTokenizer?
  private(set) var normalizesToNFC = false
  /// Where spaces are put before text; nil for nowhere.
  private(set) var spacePrefix: SpacePrefix?
  /// Whether each word is merged for itself, so that no token may have a space behind another character.
  private(set) var splitsWords = false
  /// Whether an added token's own text would be changed before it is looked for.
  private(set) var changesAddedTokens = false
  /// The text of the token that the post-processor puts in front.
  private(set) var bos: String?
  /// The text of the token that the post-processor puts behind.
  private(set) var eos: String?

  private let json: TokenizerJSON
  private static let space = "\u{2581}"

  init(_ json: TokenizerJSON) throws(TokenizerFileError) {
    self.json = json
    let steps = flat(json.preTokenizer, "pretokenizers")
    if steps.contains(where: { $0.type == "ByteLevel" }) {
      try readNormalizer(isByteLevel: true)
      byteLevel = try readByteLevel(steps)
    } else {
      try readNormalizer(isByteLevel: false)
      try readMetaspace(steps)
    }
    try checkDecoder()
    try readPostProcessor()
  }

  /// A `Sequence` and what is in it, in order.
  private func flat(_ value: JSONValue, _ members: String) -> [JSONValue] {
    if value == .null { return [] }
    guard value.type == "Sequence", let parts = value[members].array else { return [value] }
    return parts.flatMap { flat($0, members) }
  }

  private func unsupported(_ key: String, _ found: String, _ allowed: String) -> TokenizerFileError {
    json.error(
      .unsupported, key, found: found, allowed: allowed,
      repair: "Use a model of another family; nothing that changes the tokens of a text can be left out.")
  }

  // MARK: Parts

  private mutating func readNormalizer(isByteLevel: Bool) throws(TokenizerFileError) {
    let allowed = "NFC (byte-level), or Prepend and Replace of spaces by ▁ (SentencePiece)"
    var isReplaced = false
    for step in flat(json.normalizer, "normalizers") {
      switch step.type {
      case "NFC" where isByteLevel: normalizesToNFC = true
      case "Prepend" where !isByteLevel && step["prepend"].string == Self.space && !isReplaced:
        (spacePrefix, changesAddedTokens) = (.everyPart, true)
      case "Replace"
      where !isByteLevel && step["pattern"]["String"].string == " " && step["content"].string == Self.space:
        isReplaced = true
      default: throw unsupported("normalizer", step.shownType, allowed)
      }
    }
    if !isByteLevel, json.preTokenizer == .null, !isReplaced {
      throw unsupported(
        "pre_tokenizer", "null, and no normalizer that writes spaces as ▁",
        "ByteLevel, Metaspace, or the normalizer Replace of spaces by ▁")
    }
    if isReplaced, json.preTokenizer != .null {
      throw unsupported("pre_tokenizer", json.preTokenizer.shownType, "null where the normalizer writes spaces as ▁")
    }
  }

  private func readByteLevel(_ steps: [JSONValue]) throws(TokenizerFileError) -> PreTokenizer {
    let allowed =
      "ByteLevel alone (GPT-2), Digits and ByteLevel (SmolLM), or the splits of Llama 3, Qwen 2, DeepSeek-LLM, "
      + "DeepSeek-Coder or Mistral Nemo and ByteLevel"
    var found: [PreTokenizer.FileStep] = []
    for (index, step) in steps.enumerated() {
      switch step.type {
      case "Digits" where step["individual_digits"].bool == true: found.append(.digits)
      case "Split":
        guard let expression = step["pattern"]["Regex"].string else {
          throw unsupported("pre_tokenizer", "Split by a text", allowed)
        }
        // Patterns that cover all text give the same pieces either way.
        let behavior = step["behavior"].string, inverted = step["invert"].bool ?? false
        guard behavior == "Isolated" && !inverted || behavior == "Removed" && inverted && steps.count <= 2 else {
          throw unsupported("pre_tokenizer", "Split with \(behavior ?? "no behavior")", "Split with Isolated")
        }
        found.append(.split(expression))
      case "ByteLevel":
        guard index == steps.count - 1 else { throw unsupported("pre_tokenizer", "a step behind ByteLevel", allowed) }
        guard step["add_prefix_space"].bool == false else {
          throw unsupported("pre_tokenizer", "ByteLevel with add_prefix_space", "add_prefix_space false")
        }
        if step["use_regex"].bool ?? true { found.append(.split(PreTokenizer.gpt2Expression)) }
      default: throw unsupported("pre_tokenizer", step.shownType, allowed)
      }
    }
    guard let preTokenizer = PreTokenizer(fileSteps: found) else {
      let shown = found.map { if case .split(let text) = $0 { quoted(text) } else { "Digits" } }
      throw unsupported("pre_tokenizer", "the splits \(shown.joined(separator: ", "))", allowed)
    }
    return preTokenizer
  }

  private mutating func readMetaspace(_ steps: [JSONValue]) throws(TokenizerFileError) {
    for step in steps {
      guard step.type == "Metaspace", steps.count == 1, step["replacement"].string == Self.space else {
        throw unsupported("pre_tokenizer", step.shownType, "ByteLevel, Metaspace, or null")
      }
      let scheme = step["prepend_scheme"].string ?? (step["add_prefix_space"].bool == false ? "never" : "always")
      switch scheme {
      case "always": spacePrefix = .everyPartOnce
      case "first": spacePrefix = .documentOnce
      case "never": spacePrefix = nil
      default: throw unsupported("pre_tokenizer.prepend_scheme", quoted(scheme), "always, first or never")
      }
      splitsWords = step["split"].bool ?? true
    }
  }

  private func checkDecoder() throws(TokenizerFileError) {
    let known: Set<String> =
      byteLevel != nil ? ["ByteLevel"] : ["Replace", "ByteFallback", "Fuse", "Strip", "Metaspace"]
    for step in flat(json.decoder, "decoders") where !known.contains(step.type ?? "") {
      throw unsupported("decoder", step.shownType, known.sorted().joined(separator: ", "))
    }
  }

  private mutating func readPostProcessor() throws(TokenizerFileError) {
    for step in flat(json.postProcessor, "processors") {
      switch step.type {
      case "ByteLevel": break  // offsets only
      case "TemplateProcessing":
        var isBehind = false
        for part in step["single"].array ?? [] {
          if let text = part["SpecialToken"]["id"].string {
            guard (isBehind ? eos : bos) == nil else {
              throw unsupported("post_processor.single", "several tokens on one side", "one in front and one behind")
            }
            if isBehind { eos = text } else { bos = text }
          } else {
            isBehind = true
          }
        }
      default: throw unsupported("post_processor", step.shownType, "TemplateProcessing and ByteLevel")
      }
    }
  }
}

extension JSONValue {
  /// The value of the key `type`, by which tokenizer files name their parts.
  var type: String? { self["type"].string }

  /// The part's type as a message shows it.
  fileprivate var shownType: String { type.map { quoted($0) } ?? "a part without a type" }
}
