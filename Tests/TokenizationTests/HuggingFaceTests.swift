import Foundation
import Testing

@testable import Tokenization

@Suite struct HuggingFaceTests {
  @Test(arguments: HuggingFaceFixture.all) func everyTextHasTheIdsOfTheTokenizersLibrary(_ name: String) throws {
    let fixture = try HuggingFaceFixture(name)
    let tokenizer = try Tokenizer(fixture.description())
    for item in fixture.cases {
      let ids = tokenizer.encode(item.text, parsingSpecials: true)
      #expect(ids == item.ids, "\(name): \(item.text.debugDescription)")
      let ranges = tokenizer.encodeWithRanges(item.text, parsingSpecials: true)
      #expect(ranges.map(\.id) == item.ids)
      #expect(ranges.first?.range.lowerBound ?? 0 == 0)
      #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.range.upperBound == $1.range.lowerBound })
      if !ranges.isEmpty { #expect(ranges.last?.range.upperBound == item.text.utf8.count) }
    }
  }

  /// Families whose encoding loses nothing; the others lose composition, doubled spaces or stripped ones.
  @Test(arguments: ["llama-3", "smollm2", "gpt2", "tinyllama", "yi", "deepseek-llm", "deepseek-coder", "tekken"])
  func decodingGivesTheSameBytes(_ name: String) throws {
    let fixture = try HuggingFaceFixture(name)
    let tokenizer = try Tokenizer(fixture.description())
    for item in fixture.cases {
      #expect(tokenizer.decode(item.ids, keepingSpecials: true).utf8.elementsEqual(canonical(item.text, name).utf8))
    }
  }

  /// SentencePiece cannot tell a space from `▁`.
  private func canonical(_ text: String, _ name: String) -> String {
    HuggingFaceFixture.byteLevel.contains(name) ? text : text.replacing("\u{2581}", with: " ")
  }

  @Test(arguments: HuggingFaceFixture.all) func whatIsWrittenIsReadBackEqual(_ name: String) throws {
    let description = try HuggingFaceFixture(name).description()
    let files = description.huggingFaceFiles(contextLength: 4096)
    #expect(files.map(\.name) == ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"])
    let back = try TokenizerDescription(
      tokenizerJSON: files[0].bytes, configurations: files.dropFirst().map { ($0.name, $0.bytes) })
    #expect(back == description)
  }

  @Test(arguments: Fixture.all) func aTokenizerOfAGGUFEncodesEquallyFromItsTokenizerJSON(_ name: String) throws {
    let fixture = try Fixture(name)
    let description = try fixture.description()
    let files = description.huggingFaceFiles()
    let back = try TokenizerDescription(
      tokenizerJSON: files[0].bytes, configurations: files.dropFirst().map { ($0.name, $0.bytes) })
    #expect(back.bos == description.bos && back.eos == description.eos && back.addsBOS == description.addsBOS)
    let (one, other) = (try Tokenizer(description), try Tokenizer(back))
    for item in fixture.cases {
      #expect(other.encode(item.text, parsingSpecials: true) == one.encode(item.text, parsingSpecials: true))
    }
  }

  @Test func whatTheConfigurationSaysIsTaken() throws {
    let llama = try HuggingFaceFixture("llama-3").description()
    #expect(llama.model == .byteLevelBPE(.llamaBPE) && llama.addsBOS && !llama.addsEOS && !llama.normalizesToNFC)
    #expect(llama.bos.map { llama.tokens[Int($0)] } == "<|begin_of_text|>")
    #expect(llama.eos.map { llama.tokens[Int($0)] } == "<|eot_id|>" && llama.eot == nil)
    #expect(llama.chatTemplate == "{{ messages }}")
    let qwen = try HuggingFaceFixture("qwen2").description()
    #expect(qwen.model == .byteLevelBPE(.qwen2) && qwen.normalizesToNFC && !qwen.addsBOS && qwen.bos == nil)
    for (name, pre) in [
      ("deepseek-llm", PreTokenizer.deepSeekLLM), ("deepseek-coder", .deepSeekCoder), ("tekken", .tekken),
    ] {
      #expect(try HuggingFaceFixture(name).description().model == .byteLevelBPE(pre))
    }
    let phi = try HuggingFaceFixture("phi-3").description()
    #expect(phi.model == .sentencePieceBPE && phi.addsSpacePrefix && phi.spacePrefix == .everyPart && phi.addsBOS)
    #expect(phi.addedTokenRules.count == 5 && phi.eot.map { phi.tokens[Int($0)] } == "<|end|>")
    #expect(try HuggingFaceFixture("mistral").description().spacePrefix == .documentOnce)
    #expect(try !HuggingFaceFixture("yi").description().addsSpacePrefix)
  }
}
