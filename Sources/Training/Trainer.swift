public import LlamaModel
import RecipeFormat
public import ScratchStorage
import TensorCore
import Kernels

/// Runs a plan from wherever a state stands, and tells an observer what happens.
public struct Trainer: Sendable {
  public let plan: TrainingPlan
  /// The norm to which longer gradients are shortened; nil for never.
  public let clipGradNorm: Double?
  /// Where stages that spill keep their activations: of `TrainingPlan.scratchBytes` at least.
  public let scratch: ScratchFile?
  /// Steps in a row that may fail to be finite before the run stops.
  public let toleratedNonFiniteSteps = 2

  public init(_ plan: TrainingPlan, clipGradNorm: Double?, scratch: ScratchFile? = nil) {
    require(
      scratch?.byteCount ?? 0 >= plan.scratchBytes,
      "Trainer: the plan needs \(plan.scratchBytes) bytes of scratch file, got \(scratch?.byteCount ?? 0)")
    (self.plan, self.clipGradNorm, self.scratch) = (plan, clipGradNorm, scratch)
  }

  /// Trains until the plan is done or the observer says stop. A stage ends as often as the observer has it trained again.
  ///
  /// - Parameters:
  ///   - sequences: the sequence of a stage by number; the trainer asks in order but needs no memory of it.
  ///   - observe: sees each event with the state after it.
  /// - Throws: `TrainingError`, `ScratchError` when the scratch file fails (the step is then not applied), and whatever
  ///   `sequences` and `observe` throw.
  public func run(
    _ state: inout TrainingState, sequences: (_ stage: TrainingPlan.Stage, _ index: Int) throws -> TokenSequence,
    observe: (TrainingEvent, borrowing TrainingState) throws -> Continuation
  ) throws {
    while state.position.stage < plan.stages.count {
      let stage = plan.stages[state.position.stage]
      state.model.configuration.rope = stage.rope
      state.model.blocksKeepingActivations = stage.blocksKeepingActivations
      state.model.activations = activations(stage)
      if try observe(.stageBegan(stage), state) == .stop { return }
      var end = stage.recipe.endOfRound(at: state.position.stepInStage), isOver = false
      while !isOver {
        while state.position.stepInStage < end {
          let report = try step(&state, stage, sequences)
          if try observe(.step(report), state) == .stop { return }
          if state.position.nonFiniteStreak > toleratedNonFiniteSteps {
            throw TrainingError.notFinite(
              stage: stage.recipe.name, step: state.position.stepInStage, streak: state.position.nonFiniteStreak)
          }
        }
        switch try observe(.stageEnded(stage), state) {
        case .stop: return
        case .again: end += stage.recipe.steps
        case .proceed: isOver = true
        }
      }
      state.position.stage += 1
      state.position.stepsOfEarlierStages.append(state.position.stepInStage)
      state.position.stepInStage = 0
    }
  }

  private func activations(_ stage: TrainingPlan.Stage) -> ActivationStore {
    guard let scratch, case .scratch(let readsAhead) = stage.memory.place else {
      return ActivationStore(stage.memory.storage)
    }
    let layer = MemoryEstimate.savedBytes(plan.configuration, sequenceLength: stage.recipe.context, stage.memory)
    return scratch.store(stage.memory.storage, readAhead: readsAhead ? layer : 0, writeBehind: layer)
  }

  /// One optimizer step: Σ loss over all sequences, divided by all their labels, so that any split of the same
  /// sequences gives the same gradient.
  private func step(
    _ state: inout TrainingState, _ stage: TrainingPlan.Stage,
    _ sequences: (_ stage: TrainingPlan.Stage, _ index: Int) throws -> TokenSequence
  ) throws -> StepReport {
    let clock = ContinuousClock(), start = clock.now, count = stage.recipe.sequencesPerStep
    let first = state.position.stepInStage * count, spilledBefore = scratch?.bytesWritten ?? 0
    var gradients = Gradients(), loss = 0.0, labels = 0, tokens = 0
    for index in first..<first + count {
      let sequence = try sequences(stage, index)
      tokens += sequence.tokens.count
      labels += sequence.labelCount
      guard sequence.labelCount > 0 else { continue }
      let sum = state.model.loss(of: sequence)
      if let failure = scratch?.failure { throw failure }
      loss += Double(sum.scalar)
      (consume sum).backward(into: &gradients)
      if let failure = scratch?.failure { throw failure }
    }
    let name = stage.recipe.name, step = state.position.stepInStage
    guard labels > 0 else { throw TrainingError.noLabels(stage: name, step: step + 1) }
    let norm = gradients.norm(of: state.model.namedParameters.map(\.tensor)) / Double(labels)
    loss /= Double(labels)
    let isFinite = loss.isFinite && norm.isFinite
    let learningRate = stage.recipe.learningRate(atStep: step)
    if isFinite {
      let clip = clipGradNorm.map { norm > $0 ? $0 / (norm + 1e-6) : 1 } ?? 1
      state.optimizer.update(
        &state.model, with: gradients, learningRate: learningRate, gradientScale: clip / Double(labels))
    }
    state.position.stepInStage += 1
    state.position.step += 1
    state.position.tokens += tokens
    state.position.labelledTokens += labels
    state.position.nonFiniteStreak = isFinite ? 0 : state.position.nonFiniteStreak + 1
    let elapsed = (clock.now - start) / .seconds(1)
    return StepReport(
      position: state.position, stageName: name, tokens: tokens, labelledTokens: labels, loss: loss,
      gradientNorm: norm, learningRate: learningRate, isApplied: isFinite, seconds: elapsed,
      spilledBytes: (scratch?.bytesWritten ?? 0) - spilledBefore)
  }
}
