import ChatTemplates
import Foundation
import Testing
import Tokenization

@testable import Corpus

/// Labels through the templates that models are published with: exactly what the assistant says and its end of turn.
@Suite struct PublishedTemplateTests {
  struct Family: Sendable, CustomTestStringConvertible {
    var name: String
    var end: String
    /// What the template writes between words and end of turn; learned as well.
    var between = ""
    var trims = false
    var takesSystem = true
    var testDescription: String { name }
  }

  static let families = [
    Family(name: "llama2", end: "</s>", between: " ", trims: true),
    Family(name: "llama3", end: "<|eot_id|>", trims: true),
    Family(name: "llama31", end: "<|eot_id|>", trims: true), Family(name: "llama32", end: "<|eot_id|>", trims: true),
    Family(name: "mistral-v01", end: "</s>", takesSystem: false), Family(name: "mistral-v03", end: "</s>"),
    Family(name: "chatml", end: "<|im_end|>"), Family(name: "smollm2", end: "<|im_end|>"),
    Family(name: "qwen25", end: "<|im_end|>"), Family(name: "qwen3", end: "<|im_end|>"),
    Family(name: "tinyllama", end: "</s>"), Family(name: "zephyr", end: "</s>"),
    Family(name: "vicuna", end: "</s>", trims: true), Family(name: "deepseek-llm", end: "</s>"),
    Family(name: "phi3", end: "<|end|>"), Family(name: "yi", end: "<|im_end|>"),
    Family(name: "yi15", end: "<|im_end|>"), Family(name: "qwen2", end: "<|im_end|>"),
    Family(name: "deepseek-v2", end: "</s>"), Family(name: "deepseek-r1", end: "<｜end▁of▁sentence｜>"),
    Family(name: "gemma", end: "<end_of_turn>", trims: true, takesSystem: false),
    Family(name: "gemma3", end: "<end_of_turn>", trims: true), Family(name: "smollm3", end: "<|im_end|>"),
    Family(name: "macros", end: "<|END|>", trims: true),
  ]

  @Test func everyTemplateOfTheFixturesIsAmongThem() throws {
    let folder = Self.templates.path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).map { $0.replacing(".jinja", with: "") }
    #expect(Set(files) == Set(Self.families.map(\.name)))
  }

  private static let controls = [
    "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>",
    "<|eot_id|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<start_of_turn>", "<end_of_turn>", "<|END|>",
    "<｜User｜>", "<｜Assistant｜>", "<｜end▁of▁sentence｜>",
  ]

  /// All bytes and the control tokens of every family; no merges, so that no token stands half inside an answer.
  private func tokenizer(_ family: Family) throws -> Tokenizer {
    let bytes = try Toy.byteLevel().description.tokens.prefix(256)
    let tokens = bytes + Self.controls
    return try Tokenizer(
      TokenizerDescription(
        model: .byteLevelBPE(.gpt2), tokens: Array(tokens),
        tokenTypes: bytes.map { _ in .normal } + Self.controls.map { _ in .control }, bos: 256,
        // The eos that templates write is </s>; the others end turns by what they are called.
        eos: TokenID(tokens.firstIndex(of: family.name == "macros" ? family.end : "</s>") ?? 0)))
  }

  private static let templates = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "ChatTemplatesTests/Fixtures/templates")

  private func source(_ name: String) throws -> String {
    try String(contentsOf: Self.templates.appending(path: "\(name).jinja"), encoding: .utf8)
  }

  private func labelled(_ document: EncodedDocument, _ tokenizer: Tokenizer) -> String {
    let ids = zip(document.tokens, document.labelled).filter { $1 == 1 }.map(\.0)
    return tokenizer.decode(ids, keepingSpecials: true)
  }

  @Test(arguments: families) func labelsAreTheAnswersAndTheirEndsOfTurn(_ family: Family) throws {
    let tokenizer = try tokenizer(family)
    let date = CalendarDate(year: 2026, month: 3, day: 9)
    let encoder = try ConversationEncoder(tokenizer: tokenizer, template: try source(family.name), date: date)
    for seed in UInt64(0)..<60 {
      let turns = Toy.conversation(seed: seed, system: family.takesSystem)
      let answers = turns.filter { $0.role == .assistant && $0.isTrained }
      guard !answers.isEmpty else { continue }
      let document = try encoder.encode(conversation("", turns))
      let words = answers.map { family.trims ? $0.content.trimmingCharacters(in: .whitespacesAndNewlines) : $0.content }
      #expect(labelled(document, tokenizer) == words.map { $0 + family.between + family.end }.joined(), "seed \(seed)")
      #expect(document.straddlingTokens == 0 && document.endedTurns == answers.count, "seed \(seed)")
    }
  }
}
