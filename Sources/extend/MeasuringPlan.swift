import Benchmark
import Kernels
import LlamaModel
import Metrics
import RecipeFormat
import Training

/// What measurements between the steps take: memory beside the weights and moments, and time.
struct MeasuringPlan {
  private let plan: TrainingPlan
  private let recipe: Recipe
  private var evaluation: EvaluationRecipe { recipe.evaluation }

  init(_ plan: TrainingPlan, _ recipe: Recipe) { (self.plan, self.recipe) = (plan, recipe) }

  /// Tokens of the longest question that is asked of a stage; nil where only losses are taken.
  private func longestQuestion(_ stage: TrainingPlan.Stage) -> Int? {
    let context = stage.recipe.context
    let isAsked = evaluation.passkey != nil && (evaluation.before || evaluation.after)
    let gates = stage.recipe.gates.filter { !$0.measuresTexts }.compactMap { $0.length(context: context) }
    return ((isAsked ? [context] : []) + gates).max()
  }

  /// How keys and values are kept while a stage's questions are read: exactly, where memory allows it.
  ///
  /// - Throws: where no way fits.
  func cache(_ stage: TrainingPlan.Stage) throws(UsageError) -> CachePrecision {
    guard let length = longestQuestion(stage) else { return .fp32 }
    if let cache = plan.cache(reading: length) { return cache }
    let bytes = plan.measuringPeak(reading: length, cache: .int8)
    throw UsageError(
      "the questions of stage \(stage.recipe.name) do not fit: \(length) tokens take "
        + "\(ProgressFormat.bytes(bytes)) with keys and values in 8 bits, allowed are "
        + "\(ProgressFormat.bytes(plan.limit)); leave them out with --set evaluation.passkey=null, and take gates with "
        + "a shorter length")
  }

  /// Why a stage's questions do not fit; nil where all do.
  var problem: UsageError? {
    do throws(UsageError) {
      for stage in plan.stages { _ = try cache(stage) }
      return nil
    } catch {
      return error
    }
  }

  /// Stages whose keys and values are rounded for want of memory.
  var rounding: String? {
    let rounded = plan.stages.compactMap { stage in
      (try? cache(stage)).flatMap { $0 == .fp32 ? nil : "\(stage.recipe.name) in \($0.rawValue)" }
    }
    if rounded.isEmpty { return nil }
    return "keys and values of the questions are rounded to fit into memory: " + rounded.joined(separator: ", ")
  }

  /// Seconds of all that is measured of a stage.
  func seconds(_ stage: TrainingPlan.Stage, _ costs: StepCosts) -> Double {
    secondsBefore(stage, costs) + secondsAfter(stage, costs)
  }

  /// Seconds of what is measured of a stage's length before the first step.
  private func secondsBefore(_ stage: TrainingPlan.Stage, _ costs: StepCosts) -> Double {
    evaluation.before ? seconds(ofRecipeAt: stage.recipe.context, costs) : 0
  }

  /// Seconds of what is measured at a stage's end, its gates once.
  func secondsAfter(_ stage: TrainingPlan.Stage, _ costs: StepCosts) -> Double {
    (evaluation.after ? seconds(ofRecipeAt: stage.recipe.context, costs) : 0)
      + stage.recipe.gates.reduce(0) { $0 + seconds($1, stage, costs) }
  }

  /// Held-out loss and passkey.
  private func seconds(ofRecipeAt context: Int, _ costs: StepCosts) -> Double {
    let labelled = Int(Double(context) * recipe.labelledShare)
    return Double(evaluation.heldOutSequences)
      * costs.readingSeconds(plan.configuration, length: context, scored: labelled)
      + Double(evaluation.passkey?.tests ?? 0) * costs.readingSeconds(plan.configuration, length: context)
  }

  private func seconds(_ gate: Gate, _ stage: TrainingPlan.Stage, _ costs: StepCosts) -> Double {
    let length = gate.length(context: stage.recipe.context) ?? plan.configuration.rope.originalContext
    let scored = gate.measuresTexts ? length : 0
    return Double(gate.passes) * costs.readingSeconds(plan.configuration, length: length, scored: scored)
  }
}
