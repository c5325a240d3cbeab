public import ChatTemplates
public import Tokenization

extension SpecialTexts {
  /// A tokenizer's own special tokens, as templates write them.
  public init(_ tokenizer: TokenizerDescription) {
    func text(_ id: TokenID?) -> String? { id.map { tokenizer.tokens[Int($0)] } }
    self.init(
      bos: text(tokenizer.bos), eos: text(tokenizer.eos), unknown: text(tokenizer.unknown),
      padding: text(tokenizer.padding))
  }
}
