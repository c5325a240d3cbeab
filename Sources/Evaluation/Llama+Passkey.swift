public import EvaluationSuites
public import LlamaModel
public import Tokenization

/// One answered passkey test.
public struct PasskeyAnswer: Equatable, Sendable {
  public var test: Passkey
  public var promptTokens: Int
  public var answer: String
  public var isCorrect: Bool
}

extension Llama {
  /// Asks for `samples` numbers at each depth, in prompts that fill `context` tokens.
  ///
  /// - Parameters:
  ///   - prompt: the token ids of a test as this model is asked it, up to and with `Passkey.answerStart`.
  ///   - onAnswer: sees each answer as it comes; false ends the test.
  /// - Throws: what `prompt` throws.
  public func passkeyAnswers(
    context: Int, depths: [Double], samples: Int, seed: Int, tokenizer: Tokenizer,
    prompt: (Passkey) throws -> [TokenID], onAnswer: (PasskeyAnswer) -> Bool = { _ in true }
  ) rethrows -> [PasskeyAnswer] {
    let model = frozen()
    var answers: [PasskeyAnswer] = []
    for sample in 0..<samples {
      for (index, depth) in depths.enumerated() {
        let number = Passkey.number(seed: seed, sample: sample, depth: index, of: depths.count)
        guard
          let test = try Passkey.fitting(
            context - Passkey.answerTokens, depth: depth, number: number, tokens: { try prompt($0).count })
        else { return answers }
        let tokens = try prompt(test)
        let generated = model.generateGreedily(
          after: tokens, maximumTokens: Passkey.answerTokens, context: context, stoppingAt: tokenizer.stopTokens)
        let text = tokenizer.decode(generated.tokens.map(\.id))
        answers.append(
          PasskeyAnswer(test: test, promptTokens: tokens.count, answer: text, isCorrect: test.accepts(text)))
        if !onAnswer(answers[answers.count - 1]) { return answers }
      }
    }
    return answers
  }
}
