import Foundation
import Testing

@testable import EvaluationSuites

/// Examples of every task, as `Scripts/make-ruler-fixture.py` draws them with CPython's and NumPy's own generators.
struct RULERFixtureTests {
  struct Row: Decodable {
    var task: String
    var length: Int
    var outputs: [String]
    var tokens: Int
    /// FNV-1a of the prompt.
    var prompt: String
  }

  static func digest(_ text: String) -> String {
    let value = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Every sixteenth word of the lists in a sentence of its own.
  static let haystack = Haystack(
    text: stride(from: 0, to: WordLists.all.count, by: 16).enumerated()
      .map { "Sentence \($0.offset) tells of \(WordLists.all[$0.element])." }.joined(separator: " "))

  /// Sixteen questions over titled paragraphs; ten belong to an even question, six to an odd one, and some to several.
  static func linkedQuestions() throws -> QuestionSet {
    let entries = (0..<16).map { question -> [String: Any] in
      let context = (0..<(question % 2 == 0 ? 10 : 6)).map { index -> [Any] in
        let number = (question * 7 + index * (question % 3 + 1)) % 110
        let words = String(repeating: "word ", count: number % 5 + 2)
        return ["Topic \(number)", ["It has place \(number * 37).", " There is \(words)in it."]]
      }
      return ["question": "What is the place of \(question)?", "answer": "place \(question * 37)", "context": context]
    }
    return try QuestionSet(hotpot: JSONSerialization.data(withJSONObject: entries))
  }

  /// Five articles of thirty paragraphs, and the questions in the order in which the script asks them.
  static func questions() throws -> QuestionSet {
    struct File: Encodable {
      struct Article: Encodable { var paragraphs: [Paragraph] }
      struct Paragraph: Encodable {
        var context: String
        var qas: [Question]
      }
      struct Question: Encodable {
        var question: String, answers: [[String: String]], is_impossible: Bool
      }
      var data: [Article]
    }
    let articles = (0..<5).map { article in
      File.Article(
        paragraphs: (0..<30).map { part in
          let words = String(repeating: "word ", count: part % 7 + 3)
          return File.Paragraph(
            context: "Article \(article) part \(part) says that \(words)value \(article * 31 + part).",
            qas: [
              File.Question(
                question: "What does part \(part) of article \(article) say?",
                answers: [["text": "value \(article * 31 + part)"]], is_impossible: false),
              File.Question(question: "Unanswerable?", answers: [], is_impossible: true),
            ])
        })
    }
    var set = try QuestionSet(squad: JSONEncoder().encode(File(data: articles)))
    #expect(set.questions.count == 150)
    // The script's first questions: part 0 of article 0, part 1 of article 1, …
    set.questions = (0..<5).map { set.questions[$0 * 30 + $0] }
    return set
  }

  @Test(arguments: RULERTask.generated + [.squad, .hotpot], [1024, 4200])
  func `examples are those drawn by Python`(task: RULERTask, length: Int) throws {
    try expectPython(task, length)
  }

  /// Ten paragraphs have room: all that belong to the first question, and four more for the second.
  @Test func `questions whose own paragraphs fill the length are those drawn by Python`() throws {
    try expectPython(.hotpot, 270)
  }

  private func expectPython(_ task: RULERTask, _ length: Int) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/ruler.json")
    let rows = try JSONDecoder().decode([Row].self, from: Data(contentsOf: file))
      .filter { $0.task == task.rawValue && $0.length == length }
    #expect(rows.count == 2)
    let made = try RULERGoldenTests.examples(
      task, length: length, haystack: try #require(Self.haystack),
      questions: task == .hotpot ? try Self.linkedQuestions() : try Self.questions(), samples: 2)
    #expect(made.map(\.outputs) == rows.map(\.outputs))
    #expect(made.map(\.length) == rows.map(\.tokens))
    #expect(made.map { Self.digest($0.input + $0.answer_prefix) } == rows.map(\.prompt))
  }

  @Test(arguments: RULERTask.generated) func `a length without room gives no example and no endless search`(
    task: RULERTask
  ) throws {
    let made = try RULERGoldenTests.examples(task, length: 140, haystack: try #require(Self.haystack), samples: 2)
    #expect(made.allSatisfy { $0.length <= 140 })
    #expect(task == .commonWords || task == .variableTracking ? made.isEmpty : true)
  }
}
