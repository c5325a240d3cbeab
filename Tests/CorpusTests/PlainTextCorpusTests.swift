import TextCleaning
import Testing

@testable import Corpus

@Suite struct PlainTextCorpusTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func corpus(_ file: String, template: String?, _ rules: ConversationRules) throws -> Corpus {
    try CorpusBuilder(
      files: [file], tokenizer: Toy.byteLevel(), template: template, rules: rules, cacheFolder: folder.path + "/cache"
    ).build()
  }

  @Test func everyTokenOfAPlainTextIsLearnedAndItsEndToo() throws {
    let path = try folder.file("x.txt", gzipped(Array("One two.\n\nThree <|im_end|> four.".utf8)))
    let corpus = try corpus(path, template: nil, ConversationRules(text: .blankLines))
    let tokenizer = try Toy.byteLevel()
    #expect(corpus.cache.documentCount == 2)
    for (index, text) in ["One two.", "Three <|im_end|> four."].enumerated() {
      let document = try corpus.cache.document(index)
      var expected = tokenizer.encode(text, parsingSpecials: false)
      if let eos = tokenizer.description.eos { expected.append(eos) }
      #expect(document.tokens.suffix(expected.count) == expected[...])
      #expect(document.labelled.suffix(expected.count).allSatisfy { $0 == 1 })
      #expect(tokenizer.decode(expected.dropLast(), keepingSpecials: true) == text)
    }
    #expect(corpus.report.encoding.plainTexts == 2 && corpus.report.encoding.withControlText == 1)
  }

  @Test func aChatWithoutATemplateIsRefusedByItsPlace() throws {
    let path = try folder.file(
      "x", #"{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}"#)
    let error = #expect(throws: CorpusError.self) { try corpus(path, template: nil, ConversationRules()) }
    #expect(error?.kind == .noTemplate && error?.line == 1)
  }

  @Test func cleaningRulesRunBeforeEncodingAndDecideTheFingerprint() throws {
    let lines = ["openai", "fine"].map {
      #"{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "\#($0)"}]}"#
    }
    let path = try folder.file("x", lines.joined(separator: "\n"))
    let plain = try corpus(path, template: Toy.chatML, ConversationRules())
    let cleaned = try corpus(
      path, template: Toy.chatML, ConversationRules(cleaning: CleaningOptions(rules: [.vendorNames])))
    #expect(plain.report.documents == 2 && cleaned.report.documents == 1)
    #expect(plain.fingerprint != cleaned.fingerprint)
    #expect(cleaned.report.description.contains("vendor_names: conversations left out"))
    #expect(cleaned.report.cleaning[.vendorNames].dropped == 1)
  }
}
