import Checkpointing
import Foundation
import Kernels
import LlamaModel
import Metrics
import ModelFiles
import RecipeFormat
import Tokenization
import Training

/// Carries a run from wherever it stands to its end, or until it is told to stop.
struct CurriculumRun {
  let folder: RunFolder
  let identity: RunIdentity
  let tokenizer: Tokenizer
  var data: TrainingData

  /// Trains, measures and saves; says how it ended. The state is changed in place: nobody else may hold its tensors.
  mutating func carryOn(_ state: inout TrainingState) throws -> Outcome {
    let recipe = identity.recipe, plan = try TrainingPlan(recipe, for: identity.configuration)
    let recorder = try RunRecorder(folder, identity, plan, resumingAfter: state.position.step)
    var log = MeasurementLog(path: folder.path + "/evaluation.jsonl")
    let measurement = Measurement(
      recipe: recipe.evaluation, seed: recipe.seed, tokenizer: tokenizer,
      prompt: try ChatPrompt(tokenizer, template: identity.template))
    var wasStopped = false

    func measure(
      _ moment: MeasurementRecord.Moment, _ stage: TrainingPlan.Stage, _ state: borrowing TrainingState
    ) throws {
      guard log.find(moment, stage: stage.index + 1) == nil else { return }
      recorder.heartbeat.begin("measuring \(moment.rawValue) at \(stage.recipe.context) tokens")
      defer { recorder.heartbeat.pause() }
      let heldOut = try data.heldOut(stage, count: recipe.evaluation.heldOutSequences)
      let record = try measurement.record(state.model, moment, stage, heldOut: heldOut)
      try log.append(record)
      try recorder.record(record, step: state.position.step)
      Console.print(record.line)
    }

    if recipe.evaluation.before, state.position.step == 0 {
      for stage in plan.stages { try measure(.before, stage, state) }
    }
    let trainer = Trainer(plan, clipGradNorm: recipe.optimizer.clipGradNorm)
    try trainer.run(&state, sequences: { stage, index in try data.sequence(stage, index) }) { event, state in
      switch event {
      case .stageBegan(let stage):
        recorder.began(stage, at: state.position)
      case .step(let report):
        wasStopped = try recorder.record(report, plan.stages[state.position.stage], state)
      case .stageEnded(let stage):
        if recipe.evaluation.after { try measure(.after, stage, state) }
      }
      return wasStopped ? .stop : .proceed
    }
    if wasStopped {
      Console.print("stopped and saved; go on with: extend resume \(folder.path)")
      return .interrupted
    }
    Console.print(Self.summary(plan, log))
    Console.print("done; make a file that llama.cpp, Ollama and LM Studio run with: extend export \(folder.path)")
    return .done
  }

  /// What each stage brought, as a table; measurements that were not made are left out.
  private static func summary(_ plan: TrainingPlan, _ log: MeasurementLog) -> String {
    guard !log.records.isEmpty else { return "" }
    func loss(_ record: MeasurementRecord?) -> String {
      record?.heldOutLoss.map { String(format: "%.4f", $0) } ?? "—"
    }
    func passkey(_ record: MeasurementRecord?) -> String {
      guard let correct = record?.passkeyCorrect, let asked = record?.passkeyAsked else { return "—" }
      return "\(correct)/\(asked)"
    }
    var rows = [["stage", "context", "loss before", "after", "passkey before", "after"]]
    for stage in plan.stages {
      let before = log.find(.before, stage: stage.index + 1), after = log.find(.after, stage: stage.index + 1)
      rows.append([
        stage.recipe.name, "\(stage.recipe.context)", loss(before), loss(after), passkey(before), passkey(after),
      ])
    }
    return table(rows)
  }
}
