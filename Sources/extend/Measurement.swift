import Evaluation
import EvaluationSuites
import LlamaModel
import RecipeFormat
import Tokenization
import Training

/// Measures a model as a recipe asks.
struct Measurement {
  let recipe: EvaluationRecipe
  let seed: Int
  let tokenizer: Tokenizer
  let prompt: ChatPrompt

  /// Held-out loss and passkey accuracy at a stage's context, with the positions the model has now.
  func record(
    _ model: Llama, _ moment: MeasurementRecord.Moment, _ stage: TrainingPlan.Stage, stepInStage: Int?,
    heldOut: [TokenSequence]
  ) throws -> MeasurementRecord {
    let start = ContinuousClock.now, context = stage.recipe.context
    var record = MeasurementRecord(
      moment: moment, stage: stage.index + 1, stageName: stage.recipe.name, context: context, seconds: 0,
      stepInStage: stepInStage)
    Console.progress("measuring at \(context) tokens: held-out loss")
    record.heldOutLoss = model.meanLoss(of: heldOut)
    try Interruption.check()
    if let passkey = recipe.passkey {
      (record.passkeyCorrect, record.passkeyAsked) = try passkey.ask(
        model, context: context, seed: seed, tokenizer, prompt, showing: "measuring at \(context) tokens")
    }
    record.seconds = (ContinuousClock.now - start) / .seconds(1)
    return record
  }
}
