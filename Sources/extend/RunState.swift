import Metrics
import RecipeFormat

/// How far a run has come, as its recipe, its last step and its measurements say.
struct RunState {
  let stage: StageRecipe
  let isComplete: Bool
  let failedGates: [GateResult]

  /// nil when the recipe has no such stage.
  init?(_ recipe: Recipe, last: StepRecord, _ measurements: MeasurementLog) {
    guard recipe.stages.indices.contains(last.stage - 1) else { return nil }
    stage = recipe.stages[last.stage - 1]
    let gates = measurements.find(.gates, stage: last.stage, stepInStage: last.stepInStage)?.gates ?? []
    failedGates = gates.filter { !$0.isPassed }
    isComplete =
      last.stage == recipe.stages.count && last.stepInStage >= stage.steps && gates.count == stage.gates.count
      && failedGates.isEmpty
  }
}
