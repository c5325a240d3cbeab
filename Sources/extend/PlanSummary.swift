import Benchmark
import Foundation
import Kernels
import LlamaModel
import Logging
import Metrics
import RecipeFormat
import Training

/// What a plan costs on this machine.
struct PlanSummary {
  let plan: TrainingPlan
  let recipe: Recipe
  /// What the parts of a step cost here; nil where nothing can be measured, since nothing fits.
  private(set) var costs: StepCosts?

  /// The costs are those measured here before, or measured now.
  init(_ plan: TrainingPlan, _ recipe: Recipe, _ cache: CacheOptions, measuresAnew: Bool = false) {
    (self.plan, self.recipe) = (plan, recipe)
    if fits { costs = .known(plan.configuration, recipe.precision, cache, isForced: measuresAnew) }
  }

  /// Seconds of all steps of a stage.
  private func seconds(_ stage: TrainingPlan.Stage, _ costs: StepCosts) -> Double {
    Double(stage.recipe.steps) * costs.stepSeconds(stage, plan.configuration, labelledShare: recipe.labelledShare)
  }

  private func memory(context: Int, sequences: Int) -> MemoryEstimate {
    MemoryEstimate(
      training: plan.configuration, sequenceLength: context, sequences: sequences, threads: Parallel.threadCount,
      labelledShare: recipe.labelledShare)
  }

  private func memory(_ stage: TrainingPlan.Stage) -> MemoryEstimate {
    memory(context: stage.recipe.context, sequences: stage.recipe.sequencesPerStep)
  }

  /// What the stage that needs the most memory needs.
  private var largest: MemoryEstimate {
    plan.stages.map(memory).max { $0.peak < $1.peak } ?? memory(context: recipe.longestContext, sequences: 1)
  }
  private var limit: Int { recipe.limits.memory ?? Machine.memory }
  var fits: Bool { largest.peak <= limit }

  /// A table of the stages, and the sums.
  var text: String {
    var rows = [["stage", "context", "positions", "steps", "× sequences", "tokens", "PFLOP", "peak memory", "time"]]
    for stage in plan.stages {
      let operations = stage.flopsPerStep * Double(stage.recipe.steps)
      rows.append([
        stage.recipe.name, "\(stage.recipe.context)", stage.rope.summary, "\(stage.recipe.steps)",
        "\(stage.recipe.sequencesPerStep)", ProgressFormat.count(stage.recipe.tokens),
        String(format: "%.3g", operations / 1e15), ProgressFormat.bytes(memory(stage).peak),
        costs.map { ProgressFormat.duration(seconds(stage, $0)) } ?? "—",
      ])
    }
    var lines = [table(rows)]
    let checkpoint = largest.checkpoint, kept = recipe.checkpoints.keepLast + plan.stages.count
    var sum = "in all \(ProgressFormat.count(plan.tokens)) tokens, \(String(format: "%.3g", plan.flops / 1e15)) PFLOP"
    if let costs {
      let time = max(1e-9, plan.stages.reduce(0) { $0 + seconds($1, costs) })
      sum +=
        ", about \(ProgressFormat.duration(time)) at \(String(format: "%.0f", plan.flops / time / 1e9)) GFLOP/s on "
        + "\(Parallel.threadCount) threads"
    }
    lines.append(sum)
    lines.append(
      "disk: \(ProgressFormat.bytes(checkpoint)) a checkpoint, up to \(ProgressFormat.bytes(checkpoint * (kept + 1))) in all"
    )
    lines.append(largest.breakdown)
    if !fits { lines.append(remedy) }
    return lines.joined(separator: "\n")
  }

  /// What to change when the plan does not fit.
  var remedy: String {
    var context = recipe.longestContext
    while context > 256, memory(context: context, sequences: 2).peak > limit {
      context -= max(256, context / 16 / 256 * 256)
    }
    let advice =
      memory(context: context, sequences: 2).peak <= limit
      ? "a context of \(context) tokens fits" : "this model does not fit at any context; use a smaller one"
    let needed = ProgressFormat.bytes(largest.peak), allowed = ProgressFormat.bytes(limit)
    return "does not fit: needs \(needed), allowed are \(allowed); \(advice)"
  }
}

extension Recipe {
  /// The share of tokens that are labelled, as planned: all, or about half where the assistant's words alone are.
  var labelledShare: Double { data.labels == .all ? 1 : 0.5 }
}

extension TrainingPlan {
  /// Tells the user what is hardly meant.
  func noteRemarks() { for remark in remarks { log.notice("\(remark)") } }
}

extension MemoryEstimate {
  /// The parts of the peak, on one line.
  var breakdown: String {
    let parts: [(String, Int)] = [
      ("weights", weights), ("gradients", gradients), ("moments", moments), ("activations", activations),
      ("workspace", workspace), ("loss", loss), ("program", program),
    ]
    return "memory at the most: "
      + parts.map { "\($0.0) \(ProgressFormat.bytes($0.1))" }.joined(separator: ", ")
  }
}
