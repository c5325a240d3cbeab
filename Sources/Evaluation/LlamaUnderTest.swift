public import EvaluationSuites
public import LlamaModel
import TensorCore
public import Tokenization

/// A Llama behind the suites' door: greedy answers from a key-value cache, and logits of whole texts.
public struct LlamaUnderTest: ModelUnderTest {
  private let model: Llama
  private let tokenizer: Tokenizer
  /// Asked after each token; false gives the answer up.
  private let goesOn: () -> Bool

  /// The model's scores were not numbers.
  public struct Ruined: Error, CustomStringConvertible {
    public let description: String
  }

  public init(_ model: Llama, _ tokenizer: Tokenizer, goesOn: @escaping () -> Bool = { true }) {
    (self.model, self.tokenizer, self.goesOn) = (model.frozen(), tokenizer, goesOn)
  }

  public func answer(to prompt: [TokenID], maximumTokens: Int) throws -> String {
    let (tokens, _) = model.generateGreedily(
      after: prompt, maximumTokens: maximumTokens, context: prompt.count + maximumTokens + 1,
      stoppingAt: tokenizer.stopTokens
    ) { _ in goesOn() }
    if let ruined = tokens.first(where: { !$0.logProbability.isFinite }) {
      throw Ruined(
        description: "found scores that are not finite (log-probability \(ruined.logProbability)); allowed are weights "
          + "that give finite ones. The file is damaged or the model was ruined in training; use an earlier one")
    }
    return tokenizer.decode(tokens.map(\.id))
  }

  public func scores(of tokens: [TokenID]) throws -> any NextTokenScores {
    var cache = KeyValueCache(model.configuration, capacity: tokens.count)
    let hidden = model.read(tokens, into: &cache, tail: tokens.count)
    return Scores(hidden: hidden, weight: model.outputWeight, vocabularySize: model.configuration.vocabularySize)
  }

  /// Final hidden states, from which logits are formed row by row. Shape: [n, D].
  private struct Scores: NextTokenScores {
    var hidden: Tensor
    var weight: Tensor
    var vocabularySize: Int

    func logits(_ rows: Range<Int>) -> [Float] { hidden.rows(rows).linear(weight).values }
  }
}
