import Evaluation
import EvaluationSuites
import LlamaModel
import RecipeFormat
import Tokenization

extension PasskeyRecipe {
  /// Asks a model at one context, as the suite of `extend evaluate` does; a test that does not fit is left out.
  ///
  /// - Parameter name: what is said to be under way.
  /// - Returns: how many answers were right, and of how many.
  /// - Throws: `Interrupted`, and what is wrong with the model's scores.
  func ask(
    _ model: Llama, context: Int, seed: Int, _ tokenizer: Tokenizer, _ prompt: ChatPrompt, showing name: String
  ) throws -> (correct: Int, asked: Int) {
    let grid = DepthGrid(lengths: [context], depths: depths.perCent, samples: samples, seed: seed)
    let model = LlamaUnderTest(model, tokenizer) { !Interruption.isRequested }
    var correct = 0, asked = 0
    try EvaluationRunner(name: name, model: model, encoder: PromptEncoder(tokenizer, prompt)).run(
      PasskeySuite(grid).cells, isDone: { _ in false }
    ) { record in
      try Interruption.check()
      asked += 1
      correct += record.answer?.score == 1 ? 1 : 0
      Console.progress("\(name): passkey \(asked)/\(depths.count * samples)")
    }
    return (correct, asked)
  }
}

extension [Double] {
  /// Parts of one as per cents, without the last bits that 0.07 × 100 has too many.
  var perCent: [Double] { map { ($0 * 1e5).rounded() / 1e3 } }
}
