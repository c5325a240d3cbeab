/// Asks one model the items of a list of cells.
public struct EvaluationRunner {
  /// The name under which results are recorded.
  public let name: String
  public let model: any ModelUnderTest
  public let encoder: PromptEncoder

  public init(name: String, model: any ModelUnderTest, encoder: PromptEncoder) {
    (self.name, self.model, self.encoder) = (name, model, encoder)
  }

  /// Asks what is not done yet.
  ///
  /// - Parameters:
  ///   - isDone: whether there is a result for an item.
  ///   - willAsk: sees each item before the model does, with the tokens of its prompt.
  ///   - onResult: takes each result; what it throws ends the evaluation.
  public func run(
    _ cells: [TestCell], isDone: (TestCoordinates) -> Bool,
    willAsk: (TestCoordinates, Int) throws -> Void = { _, _ in }, onResult: (EvaluationRecord) throws -> Void
  ) throws {
    for cell in cells {
      try cell.forEachItem(encoder.counter, where: { !isDone($0) }) { item in
        let start = ContinuousClock.now, prompt = try encoder.tokens(item.prompt)
        try willAsk(item.coordinates, prompt.count)
        let text = try model.answer(to: prompt, maximumTokens: item.answerTokens).cleanedAnswer
        let answer = EvaluationRecord.Answer(
          promptTokens: prompt.count, expected: item.expected, text: text, scoring: item.scoring,
          score: item.scoring.score(text, expecting: item.expected))
        try onResult(
          EvaluationRecord(
            model: name, item.coordinates, seconds: (ContinuousClock.now - start) / .seconds(1), answer: answer))
      }
    }
  }
}
