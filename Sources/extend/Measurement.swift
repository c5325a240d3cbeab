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
      var done = 0
      let answers = try model.passkeyAnswers(
        context: context, depths: passkey.depths, samples: passkey.samples, seed: seed, tokenizer: tokenizer,
        prompt: { test in try prompt.tokens(user: test.text, answerStart: Passkey.answerStart) },
        onAnswer: { _ in
          done += 1
          Console.progress("measuring at \(context) tokens: passkey \(done)/\(passkey.depths.count * passkey.samples)")
          return !Interruption.isRequested
        })
      try Interruption.check()
      (record.passkeyCorrect, record.passkeyAsked) = (answers.count { $0.isCorrect }, answers.count)
    }
    record.seconds = (ContinuousClock.now - start) / .seconds(1)
    return record
  }
}
