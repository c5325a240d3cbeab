import Foundation
import Testing

@testable import EvaluationSuites

/// LongChat's own cases and predictions, where somebody has its folder longeval.
struct LongEvalFileTests {
  static let folder = ProcessInfo.processInfo.environment["EXTEND_LONGEVAL"]

  static func lines(_ path: String) throws -> [Data] {
    try String(contentsOfFile: (folder ?? "") + "/" + path, encoding: .utf8).split(separator: "\n").map {
      Data($0.utf8)
    }
  }

  @Test(.enabled(if: folder != nil), arguments: [200, 300, 400])
  func `lines prompts are LongChat's`(count: Int) throws {
    struct Case: Decodable {
      var prompt: String
      var expected_number: Int
      var correct_line: String
    }
    let cases = try Self.lines("lines/\(count)_lines.jsonl").map { try JSONDecoder().decode(Case.self, from: $0) }
    #expect(cases.count == 50)
    for test in cases {
      let pairs = test.prompt.matches(of: #/line ([^:\n]+): REGISTER_CONTENT is <(\d+)>\n/#)
      let record = LongEvalLines(
        keys: pairs.map { String($0.output.1) }, numbers: try pairs.map { try #require(Int($0.output.2)) })
      #expect(record.keys.count == count)
      let asked = try #require(record.keys.firstIndex { test.correct_line.hasPrefix("line \($0): ") })
      // These files end with a space that the present generator does not write.
      let isSame = record.prompt(asking: asked).user + " " == test.prompt
      #expect(isSame)
      #expect(record.numbers[asked] == test.expected_number)
    }
  }

  @Test(.enabled(if: folder != nil), arguments: [1, 5, 10]) func `topics prompts are LongChat's`(count: Int) throws {
    struct Case: Decodable {
      var prompt: String
      var topics: [String]
    }
    let conversations = try Self.lines("topics/conversations.jsonl")
      .map { try JSONDecoder().decode(LongEvalTopics.Conversation.self, from: $0) }
    let byTopic = Dictionary(uniqueKeysWithValues: conversations.map { ($0.topic, $0) })
    for line in try Self.lines("topics/\(count)_topics.jsonl") {
      let test = try JSONDecoder().decode(Case.self, from: line)
      let known = test.topics.compactMap { byTopic[$0] }
      #expect(known.count == count)
      let record = LongEvalTopics(known)
      let isSame = record.prompt.user == test.prompt
      #expect(isSame)
    }
  }

  @Test(
    .enabled(if: folder != nil),
    arguments: [
      ("longchat-13b-16k", [48, 47, 0, 47, 40, 30]), ("longchat-7b-16k", [49, 45, 43, 39, 26, 22]),
    ])
  func `shipped predictions of lines score as published`(model: String, correct: [Int]) throws {
    for (count, expected) in zip([200, 300, 400, 500, 600, 680], correct) {
      let path = "\(Self.folder ?? "")/predictions/\(model)/lines_\(count)_response.txt"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let rows = text.matches(of: #/Label: (\d+), Predict: (.*), Parsed: /#)
      #expect(rows.count == 50)
      let scores = rows.map { ScoringRule.lastInteger.score(String($0.output.2), expecting: [String($0.output.1)]) }
      let last = try #require(text.firstMatch(of: #/Accuracy: ([0-9.]+)/#)),
        accuracy = try #require(Double(last.output.1))
      #expect(abs(scores.reduce(0, +) / 50 - accuracy) < 1e-9)
      if expected > 0 { #expect(Int(scores.reduce(0, +)) == expected) }
    }
  }

  @Test(
    .enabled(if: folder != nil),
    arguments: [("longchat-13b-16k", [50, 50, 50, 49, 44]), ("longchat-7b-16k", [50, 49, 47, 42, 30])])
  func `shipped predictions of topics score as re-scored before`(model: String, correct: [Int]) throws {
    for (count, expected) in zip([5, 10, 15, 20, 25], correct) {
      let path = "\(Self.folder ?? "")/predictions/\(model)/topics_\(count)_response.txt"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let rows = try String(contentsOfFile: path, encoding: .utf8)
        .matches(of: #/Label: (.*), Predict: (.*), prompt length: /#)
      #expect(rows.count == 50)
      let scores = rows.map { ScoringRule.allContained.score(String($0.output.2), expecting: [String($0.output.1)]) }
      #expect(Int(scores.reduce(0, +)) == expected)
    }
  }
}
