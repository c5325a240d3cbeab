public import Foundation

/// Questions, their answers, and the paragraphs that hold them, for RULER's qa tasks.
public struct QuestionSet: Sendable, Equatable {
  public struct Question: Sendable, Equatable {
    public var text: String
    /// Any of them will do.
    public var answers: [String]
    /// Numbers of the paragraphs that hold the answer.
    var documents: [Int]
    /// Numbers of further paragraphs of the same article, which are taken before those of others.
    var related: [Int]
  }
  public var questions: [Question]
  /// Different paragraphs, in the order of their bytes.
  public var documents: [String]

  /// Why a file cannot be used.
  public struct Problem: Error, CustomStringConvertible, Equatable {
    public let description: String
  }

  /// The answerable questions of a SQuAD 2.0 file (`dev-v2.0.json`).
  public init(squad data: Data) throws(Problem) {
    struct File: Decodable {
      struct Article: Decodable { var paragraphs: [Paragraph] }
      struct Paragraph: Decodable {
        var context: String
        var qas: [Question]
      }
      struct Question: Decodable {
        var question: String
        var answers: [Answer]
        var is_impossible: Bool?
      }
      struct Answer: Decodable { var text: String }
      var data: [Article]
    }
    let file = try Self.decode(File.self, data, "SQuAD 2.0: data[].paragraphs[].{context, qas[].{question, answers}}")
    let paragraphs = file.data.map { $0.paragraphs.map(\.context) }
    documents = Set(paragraphs.joined()).inByteOrder()
    let numbers = Dictionary(uniqueKeysWithValues: documents.enumerated().map { ($1, $0) })
    questions = []
    for (article, texts) in zip(file.data, paragraphs) {
      for paragraph in article.paragraphs {
        guard let own = numbers[paragraph.context] else { continue }
        let related = texts.compactMap { numbers[$0] }.filter { $0 != own }
        for question in paragraph.qas where question.is_impossible != true && !question.answers.isEmpty {
          questions.append(
            Question(
              text: question.question, answers: question.answers.map(\.text), documents: [own], related: related))
        }
      }
    }
    try check()
  }

  /// The questions of a HotpotQA file (`hotpot_dev_distractor_v1.json`).
  public init(hotpot data: Data) throws(Problem) {
    struct Entry: Decodable {
      var question: String
      var answer: String
      var documents: [String]
      enum CodingKeys: CodingKey { case question, answer, context }
      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        question = try container.decode(String.self, forKey: .question)
        answer = try container.decode(String.self, forKey: .answer)
        var list = try container.nestedUnkeyedContainer(forKey: .context)
        documents = []
        while !list.isAtEnd {
          var pair = try list.nestedUnkeyedContainer()
          let title = try pair.decode(String.self)
          documents.append(title + "\n" + (try pair.decode([String].self)).joined())
        }
      }
    }
    let entries = try Self.decode([Entry].self, data, "HotpotQA: [{question, answer, context: [[title, [sentence]]]}]")
    documents = Set(entries.flatMap(\.documents)).inByteOrder()
    let numbers = Dictionary(uniqueKeysWithValues: documents.enumerated().map { ($1, $0) })
    questions = entries.map { entry in
      Question(
        text: entry.question, answers: [entry.answer], documents: entry.documents.compactMap { numbers[$0] },
        related: [])
    }
    try check()
  }

  private func check() throws(Problem) {
    if questions.isEmpty { throw Problem(description: "found no question that has an answer; at least one is needed") }
  }

  private static func decode<T: Decodable>(_ type: T.Type, _ data: Data, _ format: String) throws(Problem) -> T {
    do { return try JSONDecoder().decode(type, from: data) } catch {
      throw Problem(description: "found JSON of another form (\(error)); expected \(format)")
    }
  }
}
