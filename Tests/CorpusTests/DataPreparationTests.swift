import Foundation
import TextCleaning
import Testing

@testable import Corpus

@Suite struct DataPreparationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let lines = #"""
    {"id": "x_0", "conversations": [{"from": "human", "value": "q \"1\" \\ \u0001 ü"}, {"from": "gpt", "value": "a\n1\t\u2028😀"}]}
    {"id": "x_2", "conversations": [{"from": "human", "value": "q2"}, {"from": "gpt", "value": "a2", "train": false}]}
    {"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "q"}, {"role": "assistant", "content": "chatgpt"}]}
    broken
    {"text": "Plain words."}
    """#

  @Test(arguments: ConversationForm.allCases) func whatIsWrittenReadsBackTheSame(form: ConversationForm) throws {
    let path = try folder.file("x.gz", gzipped(Array(lines.utf8)))
    let output = folder.path + "/out.jsonl"
    let rules = ConversationRules(joinsParts: true)
    let report = try DataPreparation(files: [path], rules: rules, form: form).write(to: output)
    let (written, reading) = try readAll(output)
    #expect(reading.ending == .whole && reading.issueCounts.isEmpty && reading.records == 3)
    var source = try readAll(path).conversations
    source[0].turns += source.remove(at: 1).turns
    #expect(written.map(\.turns) == source.map(\.turns) && written.map(\.id) == source.map(\.id))
    #expect(report.conversations == 3)
    for line in try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n") {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any]
    #expect(json?["conversationsRead"] as? Int == 4 && json?["conversations"] as? Int == 3)
    #expect(report.description.contains("records with syntax"))
  }

  @Test func theReportCountsEachRule() throws {
    let path = try folder.file("x", lines)
    let rules = ConversationRules(cleaning: CleaningOptions(rules: [.vendorNames, .tooShort]))
    let report = try DataPreparation(files: [path], rules: rules, form: .openAI).write(to: folder.path + "/out")
    #expect(report.conversations == 2)
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any]
    let counts = (json?["cleaning"] as? [String: Any])?["rules"] as? [String: [String: Int]]
    #expect(counts?["vendor_names"]?["dropped"] == 1 && counts?["too_short"] == nil)
    #expect(json?["rules"] as? [String] == ["vendor_names", "too_short"])
  }

  @Test func nothingIsWrittenWhenNothingIsLeftOrTheSourceWouldBeReplaced() throws {
    let path = try folder.file("x", #"{"messages": [{"role": "user", "content": "openai"}]}"#)
    let rules = ConversationRules(cleaning: CleaningOptions(rules: [.vendorNames]))
    let preparation = DataPreparation(files: [path], rules: rules, form: .openAI)
    let error = #expect(throws: CorpusError.self) { try preparation.write(to: folder.path + "/out") }
    #expect(error?.kind == .noConversations && error?.description.contains("vendor_names") == true)
    #expect(throws: CorpusError.self) { try preparation.write(to: folder.path + "/./x") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x"])
  }

  @Test func anInspectionCountsWhatThereIs() throws {
    let path = try folder.file("x", lines)
    let inspector = try DataInspector(
      files: [path], rules: ConversationRules(), tokenizer: nil, template: nil, lengths: [5, 12, 100])
    let inspection = try inspector.inspect()
    #expect(inspection.conversations == 3 && inspection.unit == "characters")
    #expect(inspection.files[0].shapes == ["ShareGPT": 2, "OpenAI messages": 1, "plain text": 1])
    #expect(inspection.files[0].firstIssues.map(\.location.line) == [4])
    #expect(inspection.reach.map(\.conversations) == [3, 2, 0])
    #expect(inspection.histogram.map(\.documents) == [3])
    let text = inspection.description
    for part in ["JSON Lines", "line 4, record 4", "user 3", "languages", "have characters", "100"] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test func tokensAreThoseOfTheRenderedChat() throws {
    let path = try folder.file("x", lines)
    let tokenizer = try Toy.byteLevel()
    let inspector = try DataInspector(
      files: [path], rules: ConversationRules(), tokenizer: tokenizer, template: Toy.chatML, lengths: [1])
    let inspection = try inspector.inspect()
    let encoder = try ConversationEncoder(tokenizer: tokenizer, template: Toy.chatML)
    var rest = try readAll(path).conversations
    rest[0].turns += rest.remove(at: 1).turns
    let expected = try rest.map { try encoder.encode($0).tokens.count }
    #expect(inspection.total == expected.reduce(0, +) && inspection.unit == "tokens")
    #expect(inspection.quantiles["most"] == expected.max())
  }
}
