import Evaluation
import EvaluationSuites
import Kernels
import LlamaModel
import RecipeFormat
import Tokenization

/// Measures models as a recipe asks: the loss of sequences, and how many hidden numbers are found.
struct Measurement {
  let passkey: PasskeyRecipe?
  let seed: Int
  let tokenizer: Tokenizer
  let prompt: ChatPrompt
  let heartbeat: Heartbeat

  struct Result {
    /// Mean, in nats; nil when nothing is labelled.
    var loss: Double?
    var correct = 0, asked = 0
  }

  /// The loss of the sequences, and the passkey test at a context.
  ///
  /// - Parameters:
  ///   - cache: how keys and values are kept while questions are read.
  ///   - name: what is said to be measured, such as "before at 4096 tokens".
  /// - Throws: `Interrupted`.
  func result(
    _ model: Llama, context: Int, cache: CachePrecision, loss sequences: [TokenSequence], _ name: String
  ) throws -> Result {
    heartbeat.show("measuring \(name): loss of \(sequences.count) sequences")
    var result = Result(loss: try model.meanLoss(of: sequences, onProgress: heartbeat.advanceOrLeave))
    guard let passkey else { return result }
    let grid = DepthGrid(
      lengths: [context], depths: passkey.depths.perCent, samples: passkey.samples, seed: seed)
    let underTest = LlamaUnderTest(model, tokenizer, cache: cache, onProgress: heartbeat.advanceOrLeave)
    try EvaluationRunner(name: name, model: underTest, encoder: PromptEncoder(tokenizer, prompt)).run(
      PasskeySuite(grid).cells, isDone: { _ in false },
      willAsk: { _, _ in
        heartbeat.show("measuring \(name): passkey \(result.asked + 1)/\(passkey.tests)")
      },
      onResult: { record in
        result.asked += 1
        result.correct += record.answer?.score == 1 ? 1 : 0
      })
    return result
  }
}

extension [Double] {
  /// Shares as suites count depths, without the last bits that 0.07 × 100 has too many.
  var perCent: [Double] { map { ($0 * 1e5).rounded() / 1e3 } }
}
