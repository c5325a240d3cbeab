public import Tokenization

extension SpecialTexts {
  /// A tokenizer's own special tokens, as templates write them; an id outside the vocabulary counts as absent.
  public init(_ tokenizer: TokenizerDescription) {
    func text(_ id: TokenID?) -> String? {
      id.flatMap { tokenizer.tokens.indices.contains(Int($0)) ? tokenizer.tokens[Int($0)] : nil }
    }
    self.init(
      bos: text(tokenizer.bos), eos: text(tokenizer.eos), unknown: text(tokenizer.unknown),
      padding: text(tokenizer.padding))
  }
}
