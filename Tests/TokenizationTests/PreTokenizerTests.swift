import Testing
import Tokenization

@Suite struct PreTokenizerTests {
  @Test func everyAcceptedNameGivesAPreTokenizer() throws {
    for name in PreTokenizer.acceptedNames { _ = try PreTokenizer(ggufName: name) }
    #expect(try PreTokenizer(ggufName: "llama3") == .llamaBPE)
    #expect(try PreTokenizer(ggufName: "starcoder") == .smollm)
    #expect(try PreTokenizer(ggufName: "deepseek-r1-qwen") == .qwen2)
    for preTokenizer in PreTokenizer.allCases {
      #expect(try PreTokenizer(ggufName: preTokenizer.rawValue) == preTokenizer)
    }
  }

  @Test func anUnknownNameIsRefusedWithTheListOfKnownOnes() {
    let error = #expect(throws: TokenizerError.self) { try PreTokenizer(ggufName: "viking") }
    let message = error?.description ?? ""
    #expect(message.contains("\"viking\"") && message.contains("llama-bpe, ") && message.contains("smollm"))
  }
}
