import ArgumentParser
import Foundation
import Kernels
import LlamaModel
import Metrics
import ModelFiles
import RecipeFormat
import TensorCore
import Training

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Shows stages, tokens, operations, memory, disk and hours before anything runs.",
    discussion: "Only headers are read. Time is the operations divided by a rate that is measured here for a second.")

  @Option(help: "A recipe file, or the name of a built-in recipe.") var recipe: String
  @Option(help: "The model (GGUF); overrides the recipe's.") var model: String?
  @Option(name: .customLong("set"), help: "Override one value: path=value. Repeatable.") var overrides: [String] = []
  @OptionGroup var machine: MachineOptions

  func run() throws {
    try reportingFailures {
      machine.apply()
      let recipe = try Recipe.load(recipe).applying(overrides: overrides)
      guard let name = model ?? recipe.model else {
        throw UsageError("\(recipe.name) names no model; give one with --model MODEL.gguf")
      }
      let file = try ModelFile(path: try SearchPath(recipe: self.recipe).find(name, "model"))
      let plan = try TrainingPlan(recipe, for: file.configuration)
      let summary = PlanSummary(plan, recipe, rate: PlanSummary.measuredRate())
      Console.print(ModelSummary(file).text)
      Console.print()
      Console.print(summary.text)
      return summary.fits ? .done : .usage
    }
  }
}

/// What a plan costs on this machine.
struct PlanSummary {
  let plan: TrainingPlan
  let recipe: Recipe
  /// Floating-point operations a second that training reaches here.
  let rate: Double

  init(_ plan: TrainingPlan, _ recipe: Recipe, rate: Double) {
    (self.plan, self.recipe, self.rate) = (plan, recipe, rate)
  }

  /// Of a large product's rate, the share that whole training steps reach (Docs/Log.md, 2026-11-22).
  static let shareOfProductRate = 0.55

  /// Training's rate, from a second of large products.
  static func measuredRate() -> Double {
    var best = 0.0
    let n = 1536, a = Tensor(Shape(n, n), [Float](repeating: 0.5, count: n * n)), start = ContinuousClock.now
    repeat {
      let begin = ContinuousClock.now
      _ = Tensor.matmul(a, a)
      best = max(best, 2 * Double(n * n * n) / ((ContinuousClock.now - begin) / .seconds(1)))
    } while ContinuousClock.now - start < .seconds(1)
    return best * shareOfProductRate
  }

  private func memory(_ stage: TrainingPlan.Stage) -> MemoryEstimate {
    MemoryEstimate(plan.configuration, sequenceLength: stage.recipe.context, threads: Parallel.threadCount)
  }

  /// The most memory any stage needs.
  var peak: Int { plan.stages.map { memory($0).peak }.max() ?? 0 }
  var limit: Int { recipe.limits.memory ?? Machine.memory }
  var fits: Bool { peak <= limit }

  /// A table of the stages, and the sums.
  var text: String {
    var rows = [["stage", "context", "positions", "steps", "× sequences", "tokens", "PFLOP", "peak memory", "time"]]
    for stage in plan.stages {
      let operations = stage.flopsPerStep * Double(stage.recipe.steps)
      rows.append([
        stage.recipe.name, "\(stage.recipe.context)", stage.rope.summary, "\(stage.recipe.steps)",
        "\(stage.recipe.sequencesPerStep)", ProgressFormat.count(stage.recipe.tokens),
        String(format: "%.3g", operations / 1e15), ProgressFormat.bytes(memory(stage).peak),
        ProgressFormat.duration(operations / rate),
      ])
    }
    var lines = [table(rows)]
    let checkpoint = plan.stages.first.map { memory($0).checkpoint } ?? 0
    let kept = recipe.checkpoints.keepLast + plan.stages.count
    lines.append(
      "in all \(ProgressFormat.count(plan.tokens)) tokens, \(String(format: "%.3g", plan.flops / 1e15)) PFLOP, about "
        + "\(ProgressFormat.duration(plan.flops / rate)) at \(String(format: "%.0f", rate / 1e9)) GFLOP/s on "
        + "\(Parallel.threadCount) threads")
    lines.append(
      "disk: \(ProgressFormat.bytes(checkpoint)) a checkpoint, up to \(ProgressFormat.bytes(checkpoint * (kept + 1))) in all"
    )
    if let largest = plan.stages.max(by: { $0.recipe.context < $1.recipe.context }) {
      lines.append(memory(largest).breakdown)
    }
    if !fits { lines.append(remedy) }
    return lines.joined(separator: "\n")
  }

  /// What to change when the plan does not fit.
  var remedy: String {
    var context = plan.stages.map(\.recipe.context).max() ?? 0
    func peak(_ n: Int) -> Int {
      MemoryEstimate(plan.configuration, sequenceLength: n, threads: Parallel.threadCount).peak
    }
    while context > 256, peak(context) > limit { context -= max(256, context / 16 / 256 * 256) }
    let advice =
      peak(context) <= limit
      ? "a context of \(context) tokens fits" : "this model does not fit at any context; use a smaller one"
    return
      "does not fit: needs \(ProgressFormat.bytes(self.peak)), allowed are \(ProgressFormat.bytes(limit)); \(advice)"
  }
}

extension MemoryEstimate {
  /// The parts of the peak, on one line.
  var breakdown: String {
    let parts: [(String, Int)] = [
      ("weights", weights), ("gradients", gradients), ("moments", moments), ("activations", activations),
      ("workspace", workspace), ("loss", loss), ("program", program),
    ]
    return "memory at the longest context: "
      + parts.map { "\($0.0) \(ProgressFormat.bytes($0.1))" }.joined(separator: ", ")
  }
}

extension RoPEDescription {
  /// The positions in a few words: `θ 283461213`, `linear ×8`.
  var summary: String {
    let theta = "θ " + (Int(exactly: self.theta).map { "\($0)" } ?? "\(self.theta)")
    switch scaling {
    case .none: return theta
    case .linear(let factor): return "linear ×\(factor), \(theta)"
    case .yarn(let yarn): return "yarn ×\(yarn.factor), \(theta)"
    case .llama3(let llama3): return "llama3 ×\(llama3.factor), \(theta)"
    case .longRoPE, .perDimension: return "\(scaling.name), \(theta)"
    }
  }
}
