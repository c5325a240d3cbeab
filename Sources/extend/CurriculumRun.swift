import Benchmark
import ChatTemplates
import Checkpointing
import Corpus
import Foundation
import LlamaModel
import Logging
import ModelFiles
import RecipeFormat
import Tokenization
import Training

/// Carries a run from wherever it stands to its end, or until it is told to stop.
struct CurriculumRun {
  private let identity: RunIdentity
  private let tokenizer: Tokenizer
  private var data: TrainingData
  /// What the parts of a step cost here, where that was measured: the first steps' times are predicted from it.
  var costs: StepCosts?
  /// Where stages that spill keep what waits for backward.
  var scratch = ScratchOptions()

  init(_ identity: RunIdentity, tokenizer: Tokenizer, data: TrainingData) {
    (self.identity, self.tokenizer, self.data) = (identity, tokenizer, data)
  }

  /// A run from its very beginning: reads or finds the data, and no weights yet.
  init(beginning recipe: Recipe, from file: ModelFile, cacheFolder: String) throws {
    tokenizer = try Tokenizer(of: file)
    let template = try templateText(recipe)
    data = try TrainingData(recipe, tokenizer: tokenizer, template: template, cacheFolder: cacheFolder)
    identity = RunIdentity(
      recipe: recipe, configuration: file.configuration, source: file.metadata,
      template: template ?? file.tokenizer.chatTemplate ?? "", dataFingerprint: data.corpus.fingerprint)
    Console.print("\(data.corpus.report)")
  }

  /// Carries on from the state before the first step.
  mutating func begin(with file: ModelFile, in run: borrowing LockedRun) throws -> Outcome {
    var state = try TrainingState(beginningOf: identity.recipe, from: file)
    return try carryOn(&state, in: run)
  }

  /// Trains, measures and saves; says how it ended. The state is changed in place: nobody else may hold its tensors.
  mutating func carryOn(_ state: inout TrainingState, in run: borrowing LockedRun) throws -> Outcome {
    let folder = run.folder, recipe = identity.recipe,
      plan = try TrainingPlan(
        recipe, for: identity.configuration, memory: Machine.usableMemory)
    // What a later stage lacks is told before the first is trained or measured.
    for stage in plan.stages where !state.position.hasDone(stage) { _ = try data.plan(stage) }
    let file = try scratch.file(for: plan, in: folder.path)
    try MachineRecord.current.write(in: folder.path)
    let recorder = try RunRecorder(folder, identity, plan, costs, resumingAfter: state.position.step)
    var measurements = MeasurementLog(path: folder.evaluationPath)
    try measurements.forget(beyondStage: state.position.stage + 1, ends: state.position.ends(in: plan))
    let prompt = try ChatPrompt(
      tokenizer, template: identity.template, date: recipe.data.date.flatMap { CalendarDate(day: $0) })
    let measuring = MeasuringPlan(plan, recipe)
    if let problem = measuring.problem { throw problem }
    let measurement = Measurement(
      passkey: recipe.evaluation.passkey, seed: recipe.seed, tokenizer: tokenizer, prompt: prompt,
      heartbeat: recorder.heartbeat)
    let gates =
      recipe.stages.contains { !$0.gates.isEmpty }
      ? try GateMeasurement(identity, tokenizer, prompt, data, recorder.heartbeat, path: folder.gatesPath) : nil
    try gates?.check()
    var wasStopped = false

    func measure(
      _ moment: MeasurementRecord.Moment, _ stage: TrainingPlan.Stage, _ state: borrowing TrainingState
    ) throws {
      let step = moment == .before ? nil : state.position.stepInStage
      guard measurements.find(moment, stage: stage.index + 1, stepInStage: step) == nil else { return }
      let start = ContinuousClock.now, context = stage.recipe.context
      defer { recorder.heartbeat.pause() }
      let result = try measurement.result(
        state.model, context: context, cache: try measuring.cache(stage),
        loss: data.heldOut(stage, count: recipe.evaluation.heldOutSequences), "\(moment.rawValue) at \(context) tokens")
      var record = MeasurementRecord(
        moment: moment, stage: stage.index + 1, stageName: stage.recipe.name, context: context,
        heldOutLoss: result.loss, seconds: (ContinuousClock.now - start) / .seconds(1), stepInStage: step)
      if recipe.evaluation.passkey != nil {
        (record.passkeyCorrect, record.passkeyAsked) = (result.correct, result.asked)
      }
      try note(record, state)
    }

    func note(_ record: MeasurementRecord, _ state: borrowing TrainingState) throws {
      try measurements.append(record)
      try recorder.record(record, step: state.position.step)
      Console.print(record.line)
    }

    /// Whether the run goes on after a stage, or trains it again.
    func passGates(_ stage: TrainingPlan.Stage, _ state: borrowing TrainingState) throws -> Continuation {
      guard let gates, !stage.recipe.gates.isEmpty else { return .proceed }
      let step = state.position.stepInStage, start = ContinuousClock.now
      defer { recorder.heartbeat.pause() }
      let results = try gates.results(state.model, stage.recipe, step: step, cache: measuring.cache(stage))
      var record = MeasurementRecord(
        moment: .gates, stage: stage.index + 1, stageName: stage.recipe.name, context: stage.recipe.context,
        seconds: (ContinuousClock.now - start) / .seconds(1), stepInStage: step)
      record.gates = results
      // What an interrupted run has noted is judged again, since the demands may have changed.
      if measurements.find(.gates, stage: stage.index + 1, stepInStage: step)?.gates != results {
        try note(record, state)
      }
      if results.allSatisfy(\.isPassed) { return .proceed }
      guard step < stage.recipe.mostSteps else {
        throw GateFailure(results, stage: stage.index, stage.recipe, step: step, in: folder.path)
      }
      Console.print(
        "stage \(stage.recipe.name) is trained again, to step \(step + stage.recipe.steps) of at most "
          + "\(stage.recipe.mostSteps)")
      return .again
    }

    do {
      if recipe.evaluation.before, state.position.step == 0 {
        for stage in plan.stages { try measure(.before, stage, state) }
      }
      if state.position.step == 0 { try gates?.measureBase(state.model) }
      let trainer = Trainer(plan, clipGradNorm: recipe.optimizer.clipGradNorm, scratch: file)
      try trainer.run(&state, sequences: { stage, index in try data.sequence(stage, index) }) { event, state in
        switch event {
        case .stageBegan(let stage):
          recorder.began(stage, at: state.position)
          if !state.position.hasDone(stage) {
            let packed = try data.plan(stage).report
            log.notice("data of stage \(stage.recipe.name): \(packed)")
          }
        case .step(let report):
          wasStopped = try recorder.record(report, plan.stages[state.position.stage], state)
        case .stageEnded(let stage):
          if recipe.evaluation.after { try measure(.after, stage, state) }
          return try passGates(stage, state)
        }
        return wasStopped ? .stop : .proceed
      }
    } catch is Interrupted {
      wasStopped = true
    }
    if wasStopped {
      Console.print("stopped and saved; go on with: extend resume \(folder.path)")
      return .interrupted
    }
    Console.print(Self.summary(plan, measurements))
    Console.print("done; make a file that llama.cpp, Ollama and LM Studio run with: extend export \(folder.path)")
    Console.print("curves and measurements as a page: extend report \(folder.path)")
    return .done
  }

  /// What each stage brought, as a table; measurements that were not made are left out.
  private static func summary(_ plan: TrainingPlan, _ measurements: MeasurementLog) -> String {
    guard !measurements.records.isEmpty else { return "" }
    func loss(_ record: MeasurementRecord?) -> String {
      record?.heldOutLoss.map { String(format: "%.4f", $0) } ?? "—"
    }
    func passkey(_ record: MeasurementRecord?) -> String {
      guard let correct = record?.passkeyCorrect, let asked = record?.passkeyAsked else { return "—" }
      return "\(correct)/\(asked)"
    }
    var rows = [["stage", "context", "loss before", "after", "passkey before", "after"]]
    for stage in plan.stages {
      let before = measurements.find(.before, stage: stage.index + 1),
        after = measurements.find(.after, stage: stage.index + 1)
      rows.append([
        stage.recipe.name, "\(stage.recipe.context)", loss(before), loss(after), passkey(before), passkey(after),
      ])
    }
    return table(rows)
  }
}

extension TrainingState {
  /// The state before the first step. Nobody else holds the weights.
  fileprivate init(beginningOf recipe: Recipe, from file: ModelFile) throws {
    var model = try file.load()
    model.precision = recipe.precision
    self.init(model: model, optimizer: AdamW(AdamW.Settings(recipe.optimizer), for: model))
  }
}

extension TrainingPosition {
  /// Whether a stage has no step left in the round in which it stands.
  fileprivate func hasDone(_ stage: TrainingPlan.Stage) -> Bool {
    stage.index < self.stage || stage.index == self.stage && stage.recipe.endOfRound(at: stepInStage) <= stepInStage
  }

  /// The steps of the present stage at which its rounds have ended.
  fileprivate func ends(in plan: TrainingPlan) -> [Int] {
    guard plan.stages.indices.contains(stage) else { return [] }
    let now = plan.stages[stage]
    return Array(stride(from: now.recipe.steps, through: stepInStage, by: now.recipe.steps))
      + (hasDone(now) ? [stepInStage] : [])
  }
}
