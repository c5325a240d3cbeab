public import Tokenization

/// One token per byte, after three special ones.
public enum ByteTokenizer {
  public static func make() throws -> Tokenizer {
    let special = ["<unk>", "<s>", "</s>"], digits = Array("0123456789ABCDEF")
    let bytes = (0..<256).map { "<0x\(digits[$0 / 16])\(digits[$0 % 16])>" }
    return try Tokenizer(
      TokenizerDescription(
        model: .sentencePieceBPE, tokens: special + bytes,
        tokenTypes: [.unknown, .control, .control] + [TokenType](repeating: .byte, count: 256),
        scores: [Float](repeating: 0, count: 259), bos: 1, eos: 2, unknown: 0))
  }
}
