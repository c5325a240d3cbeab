import Foundation
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

/// Every tokenizer that a folder can have, in the keys of a GGUF.
@Suite struct TokenizerRoundTripTests {
  struct Case: Decodable {
    var text: String
    var ids: [TokenID]
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "TokenizationTests/Fixtures/huggingface")
  static let names = [
    "llama-3": "llama-bpe", "qwen2": "qwen2", "smollm2": "smollm", "gpt2": "gpt-2", "deepseek-llm": "deepseek-llm",
    "deepseek-coder": "deepseek-coder", "tekken": "tekken", "tinyllama": "default", "mistral": "default",
    "yi": "default",
    "metaspace": "default", "phi-3": "default",
  ]

  @Test(arguments: names.keys.sorted())
  func `a folder's tokenizer has the same ids and the right pre out of a GGUF's keys`(name: String) throws {
    let folder = Self.folder.appending(path: name)
    let description = try TokenizerDescription(huggingFaceFolder: folder.path)
    var metadata = Metadata()
    description.addGGUFKeys(to: &metadata)
    #expect(metadata["tokenizer.ggml.pre"] == Self.names[name].map { .string($0) })
    let tokenizer = try Tokenizer(TokenizerDescription(gguf: metadata))
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: folder.appending(path: "cases.json")))
    #expect(cases.count > 100)
    for item in cases {
      #expect(tokenizer.encode(item.text, parsingSpecials: true) == item.ids, "\(item.text.debugDescription)")
    }
  }
}
