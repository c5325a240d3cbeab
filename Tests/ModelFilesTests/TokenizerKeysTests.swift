import GGUFFormat
import Testing
import Tokenization

@testable import ModelFiles

@Suite struct TokenizerKeysTests {
  /// What llama.cpp needs of a vocabulary of two bytes.
  private func metadata() -> Metadata {
    var metadata = Metadata()
    metadata["tokenizer.ggml.model"] = .string("gpt2")
    metadata["tokenizer.ggml.pre"] = .string("qwen2")
    metadata["tokenizer.ggml.tokens"] = .array(.string(["a", "b", "<s>"]))
    metadata["tokenizer.ggml.merges"] = .array(.string([]))
    return metadata
  }

  @Test func whatOnlyATokenizerJSONSaysIsKept() throws {
    var metadata = metadata()
    var description = try TokenizerDescription(gguf: metadata)
    #expect(!description.normalizesToNFC && description.spacePrefix == .everyPart)
    description.addOwnKeys(to: &metadata)
    #expect(try TokenizerDescription(gguf: metadata) == description)
    #expect(metadata == self.metadata())
    description.normalizesToNFC = true
    description.spacePrefix = .documentOnce
    description.addedTokenRules = [2: [.strippingLeft, .wholeWord], 0: .strippingRight]
    description.addOwnKeys(to: &metadata)
    #expect(try TokenizerDescription(gguf: metadata) == description)
  }

  @Test func aSpacePrefixThatNobodyKnowsIsRefused() throws {
    var metadata = metadata()
    metadata["tokenizer.extend.space_prefix"] = .string("sometimes")
    let error = #expect(throws: ModelFileError.self) { try TokenizerDescription(gguf: metadata) }
    #expect(error?.subject == "tokenizer.extend.space_prefix")
  }
}
