import AtomicFiles
import EvaluationSuites
import Foundation
import Tokenization

/// The tests of an evaluation for other harnesses: a JSON line each.
struct EvaluationQuestions {
  private struct Line: Encodable {
    var coordinates: TestCoordinates
    /// As the model reads it, control tokens and the beginning of the answer included.
    var prompt: String
    var promptTokens: Int
    var expected: [String]
    var scoring: ScoringRule
    /// Tokens the model may answer with.
    var answerTokens: Int
  }
  let subject: EvaluationSubject
  let plan: EvaluationPlan

  /// Writes all tests to a file.
  ///
  /// - Returns: how many.
  func write(to path: String) throws -> Int {
    var lines: [String] = []
    for cell in plan.cells {
      try cell.forEachItem(subject.encoder.counter) { item in
        try Interruption.check()
        let tokens = try subject.encoder.tokens(item.prompt)
        lines.append(
          try encoded(
            Line(
              coordinates: item.coordinates, prompt: subject.tokenizer.decode(tokens, keepingSpecials: true),
              promptTokens: tokens.count, expected: item.expected, scoring: item.scoring,
              answerTokens: item.answerTokens)))
      }
    }
    try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: path)
    return lines.count
  }
}
