extension Tokenizer {
  /// The text of `ids`; bytes that are not UTF-8 become U+FFFD.
  ///
  /// The inverse of encoding, byte for byte, for text that the vocabulary can write: the spaces that
  /// `addsSpacePrefix` put in front are taken away again.
  ///
  /// - Parameter keepingSpecials: whether control and unknown tokens are written out.
  /// - Requires: every id in `0..<tokenCount`.
  public func decode(_ ids: [TokenID], keepingSpecials: Bool = false) -> String {
    var rule = DecodingRule(self, keepingSpecials: keepingSpecials, continuesText: false)
    var bytes: [UInt8] = []
    for id in ids { rule.append(id, to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The bytes that one token stands for; may be a part of a character. Control tokens give their own text, unused
  /// tokens nothing.
  ///
  /// - Requires: `id` in `0..<tokenCount`.
  public func bytes(of id: TokenID) -> [UInt8] { Array(vocabulary.bytes(of: id)) }
}

/// What decoding leaves out: special tokens, and the spaces that encoding added.
struct DecodingRule: Sendable {
  private let vocabulary: Vocabulary
  private let keepsSpecials: Bool
  /// Whether a space behind a special token was added by encoding.
  private let dropsSpaces: Bool
  private var dropsNextSpace: Bool

  init(_ tokenizer: Tokenizer, keepingSpecials: Bool, continuesText: Bool) {
    vocabulary = tokenizer.vocabulary
    keepsSpecials = keepingSpecials
    let description = tokenizer.description
    let addsSpaces = description.addsSpacePrefix && description.model == .sentencePieceBPE
    dropsSpaces = addsSpaces && description.spacePrefix != .documentOnce
    dropsNextSpace = addsSpaces && !continuesText
  }

  mutating func append(_ id: TokenID, to bytes: inout [UInt8]) {
    let piece = vocabulary.bytes(of: id)
    switch vocabulary.types[Int(id)] {
    case .control, .unknown:
      if keepsSpecials { bytes.append(contentsOf: piece) }
      dropsNextSpace = dropsSpaces
    case .userDefined:
      bytes.append(contentsOf: piece)
      dropsNextSpace = dropsSpaces
    case .normal, .unused, .byte:
      bytes.append(contentsOf: dropsNextSpace && piece.first == 0x20 ? piece.dropFirst() : piece)
      dropsNextSpace = false
    }
  }
}
