import Evaluation
import EvaluationSuites
import Foundation
import Kernels
import LlamaModel
import ModelFiles
import RecipeFormat
import Tokenization
import Training

/// What quantisation costs at length: the written file against the weights it was made from.
///
/// Both are computed by this program in single precision, the file's weights as they decode; llama.cpp rounds the
/// activations too where weights are quantised.
struct ExportMeasurement {
  private let context: Int
  private let sequences: [TokenSequence]
  private let measurement: Measurement

  /// - Parameters:
  ///   - text: a file to take the loss on; nil for the run's held-out conversations.
  ///   - cacheFolder: where the run's encoded data are.
  init(_ source: ExportSource, context: Int, text: String?, cacheFolder: String) throws {
    self.context = context
    let tokenizer = try source.tokenizer()
    measurement = Measurement(
      passkey: source.identity?.recipe.evaluation.passkey ?? PasskeyRecipe(samples: 1),
      seed: source.identity?.recipe.seed ?? 0, tokenizer: tokenizer, prompt: try ChatPrompt(tokenizer),
      heartbeat: Heartbeat())
    if let text {
      let tokens = tokenizer.promptTokens(try promptText("@" + text)), length = min(context, tokens.count)
      guard length >= 2 else { throw InputError("\(text): found \(tokens.count) tokens; allowed are 2 or more") }
      sequences = (0..<min(8, tokens.count / length)).map {
        TokenSequence(predictingEachOf: Array(tokens[$0 * length..<($0 + 1) * length]))
      }
    } else if let identity = source.identity {
      let data = try TrainingData(
        identity.recipe, tokenizer: tokenizer, template: identity.template, cacheFolder: cacheFolder)
      let plan = try TrainingPlan(identity.recipe, for: identity.configuration)
      let fitting = plan.stages.filter { $0.recipe.context <= context }.last ?? plan.stages[0]
      sequences = try data.heldOut(fitting, count: max(1, identity.recipe.evaluation.heldOutSequences))
    } else {
      throw UsageError("--measure needs a text for a model file; name one with --measure-text")
    }
  }

  /// The comparison, as rows for people.
  func comparison(original: Llama, written path: String, _ name: String) throws -> String {
    defer { measurement.heartbeat.stop() }
    func result(_ model: Llama, _ name: String) throws -> Measurement.Result {
      try measurement.result(model, context: context, cache: .fp32, loss: sequences, name)
    }
    let full = try result(original, "full precision")
    let quantized = try result(try ModelFile(path: path).load(), name)
    func row(_ name: String, _ result: Measurement.Result) -> [String] {
      [
        name, result.loss.map { String(format: "%.4f", $0) } ?? "—",
        result.loss.map { String(format: "%.3f", exp($0)) } ?? "—", "\(result.correct)/\(result.asked)",
      ]
    }
    return table([
      ["at \(context) tokens", "loss", "perplexity", "passkey"], row("full precision", full), row(name, quantized),
    ])
  }
}
