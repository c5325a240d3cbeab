import Foundation
import Testing

@testable import EvaluationSuites

/// Examples as NVIDIA's own scripts (RULER at c3f5e3b4) made them with a tokenizer that splits at white space.
struct RULERGoldenTests {
  struct Golden: Decodable {
    var input: String
    var outputs: [String]
    var length: Int
    var answer_prefix: String
  }
  /// The folder of golden files, where somebody has it: LENGTH/TASK/validation.jsonl and essay_haystack.json.
  static let folder = ProcessInfo.processInfo.environment["EXTEND_RULER_GOLDEN"]
  static let cases = RULERTask.generated.flatMap { task in
    [2048, 4096].compactMap { length -> (RULERTask, Int)? in
      let path = "\(folder ?? "")/\(length)/\(task.rawValue)/validation.jsonl"
      return FileManager.default.fileExists(atPath: path) ? (task, length) : nil
    }
  }

  static let counter = TokenCounter(
    prompt: { $0.plainText.splitAtWhitespace().count }, text: { $0.splitAtWhitespace().count })

  static func lines(_ path: String) throws -> [Golden] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .map { try JSONDecoder().decode(Golden.self, from: Data($0.utf8)) }
  }

  static func examples(
    _ task: RULERTask, length: Int, haystack: Haystack, questions: QuestionSet? = nil, samples: Int
  ) throws -> [Golden] {
    var examples: [Golden] = []
    let cell = RULERCell(
      task: task, length: length, seed: 42, haystack: haystack, questions: questions, counter: counter)
    try cell.forEachExample(samples: samples) { _, example, tokens in
      examples.append(
        Golden(
          input: example.prompt.user, outputs: example.answers, length: tokens,
          answer_prefix: example.prompt.answerStart))
    }
    return examples
  }

  @Test(.enabled(if: !cases.isEmpty), arguments: cases)
  func `examples are those of RULER's scripts, byte for byte`(task: RULERTask, length: Int) throws {
    let folder = try #require(Self.folder)
    let path = "\(folder)/\(length)/\(task.rawValue)/validation.jsonl"
    struct Essay: Decodable { var text: String }
    let essay = try JSONDecoder().decode(
      Essay.self, from: Data(contentsOf: URL(filePath: folder + "/essay_haystack.json")))
    let golden = try Self.lines(path)
    let made = try Self.examples(
      task, length: length, haystack: try #require(Haystack(text: essay.text)), samples: golden.count)
    #expect(made.count == golden.count)
    for (mine, theirs) in zip(made, golden) {
      #expect(mine.outputs == theirs.outputs)
      #expect(mine.length == theirs.length)
      #expect(mine.answer_prefix == theirs.answer_prefix)
      #expect(mine.input == theirs.input)
    }
  }
}
