import Benchmark
import Foundation
import Kernels
import LlamaModel
import Logging
import Metrics
import RecipeFormat
import ScratchStorage
import Training

/// What a plan costs on this machine.
struct PlanSummary {
  let plan: TrainingPlan
  let recipe: Recipe
  /// What the parts of a step cost here; nil where nothing can be measured, since nothing fits.
  private(set) var costs: StepCosts?

  /// Of the disk that a stage spills to; nil where none does, or nobody named the folder and this one is no good.
  private(set) var disk: DiskRate?
  private let scratchFolder: String?
  private let measuring: MeasuringPlan

  /// The costs are those measured here before, or measured now.
  ///
  /// - Throws: `ScratchError` when a stage spills and the scratch folder cannot be written.
  init(
    _ plan: TrainingPlan, _ recipe: Recipe, _ cache: CacheOptions, scratchFolder: String?, measuresAnew: Bool = false
  ) throws {
    (self.plan, self.recipe, self.scratchFolder) = (plan, recipe, scratchFolder)
    measuring = MeasuringPlan(plan, recipe)
    guard fits else { return }
    costs = .known(plan.configuration, recipe.precision, cache, isForced: measuresAnew)
    guard plan.scratchBytes > 0 else { return }
    if let scratchFolder {
      disk = try DiskRate.measured(in: scratchFolder)
    } else {
      disk = try? DiskRate.measured(in: FileManager.default.currentDirectoryPath)
    }
  }

  /// Seconds of all steps of a stage.
  private func seconds(_ stage: TrainingPlan.Stage, _ costs: StepCosts) -> Double {
    Double(stage.recipe.steps)
      * costs.stepSeconds(stage, plan.configuration, labelledShare: recipe.labelledShare, disk: disk)
  }

  /// What the stage that needs the most memory needs.
  private var largest: TrainingPlan.Stage {
    plan.stages.max { $0.estimate.peak < $1.estimate.peak } ?? plan.stages[0]
  }
  private var limit: Int { plan.limit }
  var fits: Bool { largest.estimate.peak <= limit && measuring.problem == nil }

  /// A table of the stages, and the sums.
  var text: String {
    var rows = [
      ["stage", "context", "positions", "steps", "× sequences", "tokens", "PFLOP", "peak memory", "time", "measuring"]
    ]
    for stage in plan.stages {
      let operations = stage.flopsPerStep * Double(stage.recipe.steps)
      rows.append([
        stage.recipe.name, "\(stage.recipe.context)", stage.rope.summary, "\(stage.recipe.steps)",
        "\(stage.recipe.sequencesPerStep)", ProgressFormat.count(stage.recipe.tokens),
        String(format: "%.3g", operations / 1e15), ProgressFormat.bytes(stage.estimate.peak),
        costs.map { ProgressFormat.duration(seconds(stage, $0)) } ?? "—",
        costs.map { ProgressFormat.duration(measuring.seconds(stage, $0)) } ?? "—",
      ])
    }
    var lines = [table(rows)]
    let checkpoint = largest.estimate.checkpoint, kept = recipe.checkpoints.keepLast + plan.stages.count
    var sum = "in all \(ProgressFormat.count(plan.tokens)) tokens, \(String(format: "%.3g", plan.flops / 1e15)) PFLOP"
    if let costs {
      let time = max(1e-9, plan.stages.reduce(0) { $0 + seconds($1, costs) })
      sum +=
        ", about \(ProgressFormat.duration(time)) at \(String(format: "%.0f", plan.flops / time / 1e9)) GFLOP/s on "
        + "\(Parallel.threadCount) threads"
      let measured = plan.stages.reduce(0) { $0 + measuring.seconds($1, costs) }
      sum += ", and about \(ProgressFormat.duration(measured)) of measuring"
    }
    lines.append(sum)
    lines += plan.stages.compactMap(\.recipe.gateSummary)
    lines += [measuring.rounding].compactMap(\.self)
    lines.append(
      "disk: \(ProgressFormat.bytes(checkpoint)) a checkpoint, up to \(ProgressFormat.bytes(checkpoint * (kept + 1))) in all"
    )
    if plan.scratchBytes > 0 { lines.append(spilling) }
    lines.append(largest.estimate.breakdown)
    if !fits { lines.append(remedy) }
    return lines.joined(separator: "\n")
  }

  /// Which stages spill, how much, and how fast that goes.
  private var spilling: String {
    let stages = plan.stages.filter(\.memory.spills)
    let names = stages.map { stage in
      let isAhead = stage.memory.place == .scratch(readsAhead: true)
      return "\(stage.recipe.name) \(ProgressFormat.bytes(stage.estimate.scratch)) a sequence"
        + (isAhead ? "" : ", read when it is needed")
    }
    let rate = disk.map {
      "; this disk writes \(ProgressFormat.bytes(Int($0.write))) and reads \(ProgressFormat.bytes(Int($0.read))) a second"
    }
    let free = Machine.freeDisk(at: scratchFolder ?? FileManager.default.currentDirectoryPath)
    return "spills to a scratch file of \(ProgressFormat.bytes(plan.scratchBytes)): \(names.joined(separator: "; "))"
      + (rate ?? "") + (free < plan.scratchBytes ? "; ONLY \(ProgressFormat.bytes(free)) ARE FREE there" : "")
  }

  /// What to change when the plan does not fit.
  var remedy: String {
    if largest.estimate.peak <= limit, let problem = measuring.problem { return problem.description }
    let needed = ProgressFormat.bytes(largest.estimate.peak), allowed = ProgressFormat.bytes(limit)
    return "does not fit: needs \(needed), allowed are \(allowed); \(advice)"
  }

  /// The first change that makes the plan fit, from the one that costs nothing to the one that gives up length.
  private var advice: String {
    var settings: [(text: String, apply: (inout Recipe) -> Void)] = []
    if recipe.memory.activations == .ram {
      settings.append(("memory.activations=spill", { $0.memory.activations = .spill }))
    }
    if recipe.optimizer.state == .fp32 { settings.append(("optimizer.state=8bit", { $0.optimizer.state = .eightBit })) }
    if recipe.memory.storage == .fp32 { settings.append(("memory.storage=bf16", { $0.memory.storage = .bf16 })) }
    // Each by itself, then two, then all.
    let choices = (1..<1 << settings.count).sorted { ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1) }
    var changed = recipe, names = ""
    for choice in choices {
      let chosen = settings.indices.filter { choice >> $0 & 1 == 1 }.map { settings[$0] }
      changed = recipe
      for setting in chosen { setting.apply(&changed) }
      names = chosen.map { "--set \($0.text)" }.joined(separator: " ")
      if fits(changed) { return "\(names) makes it fit" }
    }
    var context = recipe.longestContext
    while context > 256 {
      context -= max(256, context / 16 / 256 * 256)
      for index in changed.stages.indices {
        changed.stages[index].context = min(changed.stages[index].context, context)
      }
      if fits(changed) {
        return "a context of \(context) tokens fits" + (names.isEmpty ? "" : " with \(names)")
      }
    }
    return "this model does not fit at any context; use a smaller one"
  }

  /// Whether all stages of a recipe fit; nothing fits where the recipe cannot be planned.
  private func fits(_ recipe: Recipe) -> Bool {
    guard let plan = try? TrainingPlan(recipe, for: plan.configuration, memory: limit) else { return false }
    return plan.stages.allSatisfy { $0.estimate.peak <= limit } && MeasuringPlan(plan, recipe).problem == nil
  }
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
