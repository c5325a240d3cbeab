import Evaluation
import Foundation
import LlamaModel
import Metrics
import RecipeFormat
import Tokenization
import Training

/// What was measured at one stage's context, before or after training.
struct MeasurementRecord: Codable, Equatable {
  enum Moment: String, Codable {
    case before, after
  }
  var moment: Moment
  /// The stage whose context this is, from 1.
  var stage: Int
  var stageName: String
  var context: Int
  /// Mean loss over held-out sequences, in nats; absent when there are too few held-out tokens.
  var heldOutLoss: Double?
  var passkeyCorrect: Int?
  var passkeyAsked: Int?
  var seconds: Double

  /// One line for people.
  var line: String {
    var parts = ["\(moment.rawValue) at \(context) tokens"]
    parts.append(heldOutLoss.map { String(format: "held-out loss %.4f", $0) } ?? "held-out loss — (too little data)")
    if let correct = passkeyCorrect, let asked = passkeyAsked { parts.append("passkey \(correct)/\(asked)") }
    return parts.joined(separator: "  ") + "  (\(ProgressFormat.duration(seconds)))"
  }
}

/// Measurements of a run, one JSON line each, so that none is repeated after an interruption.
struct MeasurementLog {
  let path: String
  private(set) var records: [MeasurementRecord]

  init(path: String) {
    self.path = path
    let text = (try? String(contentsOf: URL(filePath: path), encoding: .utf8)) ?? ""
    // A line that was cut short by a crash is measured again.
    records = text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(MeasurementRecord.self, from: Data($0.utf8))
    }
  }

  func find(_ moment: MeasurementRecord.Moment, stage: Int) -> MeasurementRecord? {
    records.first { $0.moment == moment && $0.stage == stage }
  }

  mutating func append(_ record: MeasurementRecord) throws {
    records.append(record)
    let text = try records.map { try encoded($0) + "\n" }.joined()
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  }
}

/// Measures a model as a recipe asks.
struct Measurement {
  let recipe: EvaluationRecipe
  let seed: Int
  let tokenizer: Tokenizer
  let prompt: ChatPrompt

  /// Held-out loss and passkey accuracy at a stage's context, with the positions the model has now.
  func record(
    _ model: Llama, _ moment: MeasurementRecord.Moment, _ stage: TrainingPlan.Stage, heldOut: [TokenSequence]
  ) throws -> MeasurementRecord {
    let start = ContinuousClock.now, context = stage.recipe.context
    var record = MeasurementRecord(
      moment: moment, stage: stage.index + 1, stageName: stage.recipe.name, context: context, seconds: 0)
    Console.progress("measuring at \(context) tokens: held-out loss")
    record.heldOutLoss = model.meanLoss(of: heldOut)
    try Interruption.check()
    if let passkey = recipe.passkey {
      var done = 0, failure: (any Error)?
      let answers = model.passkeyAnswers(
        context: context, depths: passkey.depths, samples: passkey.samples, seed: seed, tokenizer: tokenizer,
        prompt: { test in
          do {
            return try prompt.tokens(user: test.text, answerStart: Passkey.answerStart)
          } catch {
            failure = error
            return []
          }
        },
        onAnswer: { _ in
          done += 1
          Console.progress("measuring at \(context) tokens: passkey \(done)/\(passkey.depths.count * passkey.samples)")
          return !Interruption.isRequested
        })
      if let failure { throw failure }
      try Interruption.check()
      (record.passkeyCorrect, record.passkeyAsked) = (answers.count { $0.isCorrect }, answers.count)
    }
    record.seconds = (ContinuousClock.now - start) / .seconds(1)
    return record
  }
}
