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
    Family(name: "yi15", end: "<|im_end|>"),
  ]

  private static let controls = [
    "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>",
    "<|eot_id|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>",
  ]

  /// All bytes and the control tokens of every family; no merges, so that no token stands half inside an answer.
  private func tokenizer(_ family: Family) throws -> Tokenizer {
    let bytes = try Toy.byteLevel().description.tokens.prefix(256)
    let tokens = bytes + Self.controls
    return try Tokenizer(
      TokenizerDescription(
        model: .byteLevelBPE(.gpt2), tokens: Array(tokens),
        tokenTypes: bytes.map { _ in .normal } + Self.controls.map { _ in .control }, bos: 256,
        eos: TokenID(tokens.firstIndex(of: "</s>") ?? 0)))
  }

  private func source(_ name: String) throws -> String {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try String(
      contentsOf: tests.appending(path: "ChatTemplatesTests/Fixtures/templates/\(name).jinja"), encoding: .utf8)
  }

  private func labelled(_ document: EncodedDocument, _ tokenizer: Tokenizer) -> String {
    let ids = zip(document.tokens, document.labelled).filter { $1 == 1 }.map(\.0)
    return tokenizer.decode(ids, keepingSpecials: true)
  }

  @Test(arguments: families) func labelsAreTheAnswersAndTheirEndsOfTurn(_ family: Family) throws {
    let tokenizer = try tokenizer(family)
    let encoder = try ConversationEncoder(tokenizer: tokenizer, template: try source(family.name))
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
