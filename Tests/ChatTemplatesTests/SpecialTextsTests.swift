import ChatTemplates
import Testing
import Tokenization

struct SpecialTextsTests {
  @Test func `special tokens are texts of the vocabulary, and ids beyond it count as absent`() {
    let tokenizer = TokenizerDescription(
      model: .sentencePieceBPE, tokens: ["a", "<s>", "</s>"], bos: 1, eos: 2, unknown: 3, padding: -1)
    #expect(SpecialTexts(tokenizer) == SpecialTexts(bos: "<s>", eos: "</s>"))
  }
}
