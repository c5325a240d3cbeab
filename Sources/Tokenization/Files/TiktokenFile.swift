import JSONText

/// Llama 3's `tokenizer.model`: one line per token, its bytes in base64 and its rank.
///
/// tiktoken has no list of merges: it merges the two neighbours that, joined, are the token of the lowest rank. The same
/// order as a list: every cut of every token into two tokens, by the rank of the whole, then of its parts.
struct TiktokenFile {
  /// The bytes of each token by rank.
  private var pieces: [[UInt8]] = []
  private let file: String

  init(_ bytes: [UInt8], file: String) throws(TokenizerFileError) {
    self.file = file
    var start = 0
    var line = 1
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      if end > start { pieces.append(try piece(bytes[start..<end], line)) }
      start = end + 1
      line += 1
    }
  }

  private func piece(_ line: ArraySlice<UInt8>, _ number: Int) throws(TokenizerFileError) -> [UInt8] {
    let parts = line.split(separator: 0x20)
    guard parts.count == 2, let bytes = Self.base64(parts[0]), !bytes.isEmpty,
      let rank = Int(String(decoding: parts[1], as: UTF8.self))
    else {
      throw TokenizerFileError(
        .syntax, file: file, key: "line \(number)", found: quoted(String(decoding: line.prefix(80), as: UTF8.self)),
        allowed: "a token in base64, a space and its rank", repair: "Fetch the file again.")
    }
    guard rank == pieces.count else {
      throw TokenizerFileError(
        .invalid, file: file, key: "line \(number)", found: "the rank \(rank)",
        allowed: "\(pieces.count), ranks in order",
        repair: "Fetch the file again.")
    }
    return bytes
  }

  private static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for character in text {
      let value: UInt8
      switch character {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      case UInt8(ascii: "="): continue
      default: return nil
      }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes
  }

  /// The 256 special tokens that Llama 3.1's published `tokenizer.json` puts behind the others.
  private static let specials: [String] = {
    let named = [
      "<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
      "<|finetune_right_pad_id|>", "<|reserved_special_token_2|>", "<|start_header_id|>", "<|end_header_id|>",
      "<|eom_id|>", "<|eot_id|>", "<|python_tag|>",
    ]
    return named + (3..<248).map { "<|reserved_special_token_\($0)|>" }
  }()

  func description() throws(TokenizerFileError) -> TokenizerDescription {
    var ids = ByteStringTable(capacity: pieces.count)
    for (rank, bytes) in pieces.enumerated() {
      if let first = ids.insert(bytes.span, TokenID(rank)) {
        throw TokenizerFileError(
          .invalid, file: file, key: "line \(rank + 1)", found: "the token of line \(first + 1) again",
          allowed: "every token once", repair: "Fetch the file again.")
      }
    }
    let texts = pieces.map { Self.text($0[...]) }
    var merges: [String] = []
    for bytes in pieces where bytes.count > 1 {
      guard bytes.count <= SentencePieceBPE.longestToken else { continue }  // has no merges; found whole
      let cuts = (1..<bytes.count).compactMap { cut -> (left: TokenID, right: TokenID)? in
        guard let left = ids.find(bytes.span, 0..<cut), let right = ids.find(bytes.span, cut..<bytes.count) else {
          return nil
        }
        return (left, right)
      }
      for (left, right) in cuts.sorted(by: <) { merges.append("\(texts[Int(left)]) \(texts[Int(right)])") }
    }
    let first = TokenID(pieces.count)
    func id(_ text: String) -> TokenID? { Self.specials.firstIndex(of: text).map { first + TokenID($0) } }
    return TokenizerDescription(
      model: .byteLevelBPE(.llamaBPE), tokens: texts + Self.specials,
      tokenTypes: texts.map { _ in .normal } + Self.specials.map { _ in .control }, merges: merges,
      bos: id("<|begin_of_text|>"), eos: id("<|end_of_text|>"), eot: id("<|eot_id|>"), eom: id("<|eom_id|>"),
      padding: id("<|finetune_right_pad_id|>"), addsBOS: true)
  }

  /// Bytes in the GPT-2 alphabet.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(ByteAlphabet.scalars[Int(byte)]) }
    return String(text)
  }
}
