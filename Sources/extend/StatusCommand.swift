import ArgumentParser
import Checkpointing
import Foundation
import Metrics
import RecipeFormat

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows stage, step, loss, speed and ETA of a run, running or not.")
  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run")) var path: String

  func run() throws {
    try reportingFailures {
      let folder = RunFolder(path)
      guard folder.isBegun else { throw InputError("\(path): there is no run in this folder; extend train starts one") }
      let recipe = try Recipe(yaml: try folder.recipe(), source: folder.recipePath)
      let holder = folder.holder
      Console.print("run         \(path), recipe \(recipe.name)")
      guard let last = try MetricsLog.lastRecord(at: folder.metricsPath) else {
        Console.print(
          "state       \(holder.map { "preparing (\($0))" } ?? "stopped before the first step; go on with: extend resume \(path)")"
        )
        return .done
      }
      let measured = MeasurementLog(path: folder.evaluationPath)
      guard let run = RunState(recipe, last: last, measured) else {
        Console.print(
          "state       \(holder.map { "running (\($0))" } ?? "stopped") after stage \(last.stage), which "
            + "recipe.yaml does not have: it has \(recipe.stages.count)")
        return .done
      }
      let state =
        run.isComplete
        ? "complete"
        : "stopped\(run.failedGates.isEmpty ? "" : " at a gate that failed"); go on with: extend resume \(path)"
      Console.print("state       \(holder.map { "running (\($0))" } ?? state)")
      Console.print(
        ProgressFormat.line(last, stages: recipe.stages.count, stepsInStage: run.stage.endOfRound(at: last.stepInStage))
      )
      let ago = max(0, Date().timeIntervalSince(last.time))
      Console.print("last step   \(ProgressFormat.duration(ago)) ago, it took \(ProgressFormat.duration(last.seconds))")
      if holder != nil, !run.isComplete {
        Console.print("expected    \(ProgressFormat.duration(max(0, last.etaRunSeconds - ago))) to go")
      }
      let memory = ProgressFormat.bytes(last.peakRSSBytes)
      Console.print("tokens      \(ProgressFormat.count(last.tokens)), peak memory \(memory)")
      if let newest = try folder.checkpoints(keep: 1).names().last { Console.print("checkpoint  \(newest)") }
      for record in measured.records {
        for line in record.line.split(separator: "\n") { Console.print("measured    \(line)") }
      }
      return .done
    }
  }
}
