import Benchmark
import Checkpointing
import Foundation
import Logging
import Metrics
import RecipeFormat
import Training

/// Writes down what happens in a run: metrics, TensorBoard, checkpoints, and lines for the person who watches.
final class RunRecorder {
  private let folder: RunFolder
  private let identity: RunIdentity
  private let plan: TrainingPlan
  private var metrics: MetricsLog
  private let board: TensorBoardLog
  private var estimator: ProgressEstimator
  private var lastCheckpoint = ContinuousClock.now
  private let costs: StepCosts?
  /// Stage, and what its last step took: the next one takes as long.
  private var lastStep: (stage: Int, seconds: Double)?
  let heartbeat = Heartbeat()

  /// Opens the files of a run whose newest checkpoint is at `step` (0: none), cutting them back to it.
  init(
    _ folder: RunFolder, _ identity: RunIdentity, _ plan: TrainingPlan, _ costs: StepCosts?, resumingAfter step: Int
  ) throws {
    (self.folder, self.identity, self.plan, self.costs) = (folder, identity, plan, costs)
    metrics = try MetricsLog(path: folder.metricsPath, resumingAfter: step)
    if metrics.resumption.missing > 0 {
      log.warning(
        "\(folder.metricsPath) lacks \(metrics.resumption.missing) of the \(step) steps done; it goes on without")
    }
    board = try TensorBoardLog(folder: folder.tensorBoardPath, resumingAfter: step, at: Date())
    let measuring = MeasuringPlan(plan, identity.recipe)
    estimator = ProgressEstimator(
      stages: plan.stages.map { stage in
        .init(
          steps: stage.recipe.steps, operationsPerStep: stage.flopsPerStep,
          endSeconds: costs.map { measuring.secondsAfter(stage, $0) } ?? 0)
      })
    // A recipe whose stages were made shorter knowingly has no place for some of the steps that were done.
    for record in try MetricsLog.records(at: folder.metricsPath)
    where (1...plan.stages.count).contains(record.stage)
      && (1...plan.stages[record.stage - 1].recipe.mostSteps).contains(record.stepInStage) && record.seconds.isFinite
    {
      let stage = plan.stages[record.stage - 1]
      observe(stage, step: record.stepInStage, tokens: stage.recipe.tokensPerStep, seconds: record.seconds)
    }
  }

  deinit { heartbeat.stop() }

  @discardableResult
  private func observe(
    _ stage: TrainingPlan.Stage, step: Int, tokens: Int, seconds: Double
  ) -> ProgressEstimator.Estimate {
    let seconds = max(seconds, 1e-6), stepInRound = (step - 1) % stage.recipe.steps + 1
    lastStep = (stage.index, seconds)
    return estimator.observe(stage: stage.index + 1, stepInStage: stepInRound, tokens: tokens, seconds: seconds)
  }

  func began(_ stage: TrainingPlan.Stage, at position: TrainingPosition) {
    let recipe = stage.recipe
    Console.print(
      "stage \(stage.index + 1)/\(plan.stages.count) \(recipe.name): \(recipe.context) tokens, \(stage.rope.summary), "
        + "\(recipe.steps) steps of \(recipe.sequencesPerStep) × \(recipe.context) tokens"
        + (position.stepInStage > 0 ? ", from step \(position.stepInStage + 1)" : ""))
    if let costs, position.stepInStage == 0 {
      let seconds = costs.stepSeconds(stage, plan.configuration, labelledShare: identity.recipe.labelledShare)
      Console.print("  should take \(ProgressFormat.duration(Double(recipe.steps) * seconds))")
    }
    expectStep(stage, position.stepInStage)
  }

  /// Records a step and, where one is due, writes a checkpoint; says whether the run should stop.
  func record(_ report: StepReport, _ stage: TrainingPlan.Stage, _ state: borrowing TrainingState) throws -> Bool {
    let position = report.position, end = stage.recipe.endOfRound(at: position.stepInStage)
    let estimate = observe(stage, step: position.stepInStage, tokens: report.tokens, seconds: report.seconds)
    let record = StepRecord(
      step: position.step, stage: stage.index + 1, stageName: report.stageName, stepInStage: position.stepInStage,
      tokens: position.tokens, labelledTokens: position.labelledTokens, loss: report.loss,
      learningRate: report.learningRate, gradientNorm: report.gradientNorm, tokensPerSecond: estimate.tokensPerSecond,
      seconds: report.seconds, peakRSSBytes: ProcessMemory.peakResidentBytes() ?? 0,
      etaStageSeconds: estimate.stageSeconds, etaRunSeconds: estimate.runSeconds, time: Date())
    try metrics.append(record)
    try board.append(record)
    let line = ProgressFormat.line(record, stages: plan.stages.count, stepsInStage: end)
    if !report.isApplied {
      Console.print(line + "  NOT APPLIED: loss or gradient is not finite")
    } else if Console.isTerminal && position.stepInStage < end && report.seconds < 2 {
      Console.progress(line)
    } else {
      Console.print(line)
    }
    let isLast = position.stepInStage == end, stops = Interruption.isRequested
    if isLast || stops || isCheckpointDue(position) { try checkpoint(state) }
    if !isLast { expectStep(stage, position.stepInStage) } else { heartbeat.pause() }
    return stops
  }

  private func isCheckpointDue(_ position: TrainingPosition) -> Bool {
    let rule = identity.recipe.checkpoints
    if let steps = rule.everySteps, position.step % steps == 0 { return true }
    guard let minutes = rule.everyMinutes else { return false }
    return (ContinuousClock.now - lastCheckpoint) / .seconds(1) >= 60 * minutes
  }

  /// Writes the state; on failure every earlier checkpoint stays.
  private func checkpoint(_ state: borrowing TrainingState) throws {
    let start = ContinuousClock.now
    heartbeat.begin("writing a checkpoint")
    try metrics.synchronize()
    let (checkpoint, tensors, codes) = try identity.checkpoint(state)
    let path = try folder.checkpoints(keep: identity.recipe.checkpoints.keepLast).write(
      checkpoint, tensors: tensors, codes: codes
    ) { log.notice("\($0)") }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    estimator.observeOverhead(seconds: seconds)
    lastCheckpoint = .now
    if seconds > 2 {
      Console.print("checkpoint \(path) in \(ProgressFormat.duration(seconds))")
    } else {
      Console.progress("checkpoint \(path)")
    }
  }

  /// Adds a measurement to TensorBoard.
  func record(_ measurement: MeasurementRecord, step: Int) throws {
    var scalars: [TensorBoardLog.Scalar] = []
    let group = "\(measurement.moment.rawValue)_\(measurement.context)"
    if let loss = measurement.heldOutLoss { scalars.append(.init("held_out_loss/\(group)", loss)) }
    if let correct = measurement.passkeyCorrect, let asked = measurement.passkeyAsked, asked > 0 {
      scalars.append(.init("passkey_accuracy/\(group)", Double(correct) / Double(asked)))
    }
    for gate in measurement.gates ?? [] {
      if let value = gate.measured { scalars.append(.init("gates/\(measurement.stageName) \(gate.subject)", value)) }
    }
    try board.append(scalars, step: step, at: Date())
  }

  /// What a step of a stage will take: as long as the last; before there is one, as planned, or as its operations say.
  private func secondsOfStep(_ stage: TrainingPlan.Stage) -> Double? {
    if let lastStep, lastStep.stage == stage.index { return lastStep.seconds }
    if let costs {
      return costs.stepSeconds(stage, plan.configuration, labelledShare: identity.recipe.labelledShare)
    }
    return lastStep.map { $0.seconds * stage.flopsPerStep / plan.stages[$0.stage].flopsPerStep }
  }

  private func expectStep(_ stage: TrainingPlan.Stage, _ done: Int) {
    heartbeat.begin(
      "stage \(stage.index + 1)/\(plan.stages.count) \(stage.recipe.name)  step \(done + 1)/\(stage.recipe.endOfRound(at: done + 1))",
      expecting: secondsOfStep(stage))
  }
}
