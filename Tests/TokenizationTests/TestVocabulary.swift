@testable import Tokenization

/// Small vocabularies that tests write out by hand.
enum TestVocabulary {
  /// All bytes as tokens 0...255, then one token for each merge, then `added`.
  static func byteLevel(
    _ preTokenizer: PreTokenizer = .gpt2, merges: [String] = [], added: [(String, TokenType)] = []
  ) -> TokenizerDescription {
    var tokens = ByteAlphabet.scalars.map { String($0) }
    for merge in merges { tokens.append(merge.split(separator: " ").joined()) }
    var types = [TokenType](repeating: .normal, count: tokens.count)
    for (text, type) in added {
      tokens.append(text)
      types.append(type)
    }
    return TokenizerDescription(
      model: .byteLevelBPE(preTokenizer), tokens: tokens, tokenTypes: types, merges: merges)
  }

  /// `<unk>`, `<s>`, `</s>`, then `pieces` with falling scores.
  static func sentencePiece(_ pieces: [String], addsSpacePrefix: Bool = false) -> TokenizerDescription {
    let tokens = ["<unk>", "<s>", "</s>"] + pieces
    return TokenizerDescription(
      model: .sentencePieceBPE, tokens: tokens,
      tokenTypes: [.unknown, .control, .control] + pieces.map { _ in .normal },
      scores: tokens.indices.map { -Float($0) }, bos: 1, eos: 2, unknown: 0, addsSpacePrefix: addsSpacePrefix)
  }
}
