import Checkpointing
import EvaluationSuites
import Foundation
import Metrics
import RecipeFormat
import Report

/// What a report says about a run, be it done, half done or hardly begun.
struct RunReport {
  let curves: TrainingCurves
  let folder: RunFolder
  let recipe: Recipe
  let measurements: MeasurementLog

  init(_ path: String, name: String) throws {
    folder = RunFolder(path)
    recipe = try Recipe(yaml: try folder.recipe(), source: folder.recipePath)
    measurements = MeasurementLog(path: folder.evaluationPath)
    let hasSteps = FileManager.default.fileExists(atPath: folder.metricsPath)
    curves = TrainingCurves([.init(name: name, steps: hasSteps ? try MetricsLog.records(at: folder.metricsPath) : [])])
  }

  var sections: [ReportSection] {
    get throws { try [glance, overview, training, beforeAndAfter] + gates + [settings] }
  }

  /// The curves of several runs over each other.
  static func comparison(_ runs: [TrainingCurves.Run]) -> ReportSection {
    let curves = TrainingCurves(runs)
    return ReportSection("Curves", figures: curves.figures, tables: [curves.stages])
  }

  private var overview: ReportSection {
    let steps = curves.runs[0].steps
    guard let first = steps.first, let last = steps.last else {
      return ReportSection("Overview", notes: ["Recipe \(recipe.name). No step yet."])
    }
    let all = recipe.stages.reduce(0) { $0 + $1.steps }
    let state = RunState(recipe, last: last, measurements)
    let failed = state?.failedGates.isEmpty == false ? " A gate failed after the last step." : ""
    return ReportSection(
      "Overview",
      notes: [
        "Recipe \(recipe.name): \(steps.count) steps; the recipe has \(all) in \(recipe.stages.count) "
          + "\(recipe.stages.count == 1 ? "stage" : "stages"), without repetitions. "
          + "\(ProgressFormat.count(last.tokens)) tokens, from \(first.time.ISO8601Format()) to "
          + "\(last.time.ISO8601Format()).\(failed)"
      ], tables: [curves.stages])
  }

  private var training: ReportSection {
    ReportSection("Training", figures: curves.figures, files: [TrainingCurves.allSteps(curves.runs[0])])
  }

  private var beforeAndAfter: ReportSection {
    func loss(_ moment: MeasurementRecord.Moment, _ stage: Int) -> Double? {
      measurements.find(moment, stage: stage)?.heldOutLoss
    }
    func passkey(_ moment: MeasurementRecord.Moment, _ stage: Int) -> Table.Cell {
      guard let passkey = measurements.find(moment, stage: stage)?.passkey else { return Table.Cell(nil) }
      return Table.Cell(
        "\(passkey.right)/\(passkey.asked)", raw: "\(passkey.part)", heat: passkey.part,
        detail: "95 %: \(passkey.interval)")
    }
    if measurements.records.allSatisfy({ $0.moment == .gates }) { return ReportSection("Before and after") }
    let rows = recipe.stages.enumerated().map { index, stage in
      [
        Table.Cell(stage.name), Table.Cell(NumberLabel.tokens(stage.context), raw: "\(stage.context)"),
        Table.Cell(loss(.before, index + 1)), Table.Cell(loss(.after, index + 1)), passkey(.before, index + 1),
        passkey(.after, index + 1),
      ]
    }
    func series(_ moment: MeasurementRecord.Moment) -> LineChart.Series {
      let points = recipe.stages.enumerated().compactMap { index, stage in
        loss(moment, index + 1).map { LineChart.Point(Double(stage.context), $0) }
      }
      return LineChart.Series(moment.rawValue, points.sorted { $0.x < $1.x })
    }
    let curves = [series(.before), series(.after)].filter { !$0.points.isEmpty }
    let chart = LineChart(x: "context in tokens", .tokens, y: "nats per labelled token", .automatic, curves)
    return ReportSection(
      "Before and after",
      notes: [
        "Before: the base model at each context. After: at the end of the stage of that context. Loss is of data held out."
      ],
      figures: curves.contains { $0.points.count > 1 }
        ? [.init("Held-out loss by context", "", chart.drawing)] : [],
      tables: [
        Table(
          "Before and after by stage",
          ["stage", "context", "loss before", "loss after", "passkey before", "passkey after"], rows)
      ])
  }

  /// What was demanded and found, and what the answers show.
  private var gates: [ReportSection] {
    get throws {
      let records = measurements.records.filter { $0.gates != nil }
      if records.isEmpty { return [] }
      let rows = records.flatMap { record in
        (record.gates ?? []).map { gate in
          [
            Table.Cell(record.stageName), Table.Cell(gate.subject), Table.Cell("\(record.stepInStage ?? 0)"),
            Table.Cell(gate.value, raw: gate.measured.map { "\($0)" } ?? ""), Table.Cell(gate.demand),
            Table.Cell("\(gate.count)"), Table.Cell(gate.isPassed ? "passed" : "failed", isGood: gate.isPassed),
          ]
        }
      }
      let table = Table(
        "Gates", ["stage", "measured", "after step", "value", "demanded", "answers or tokens", "verdict"],
        textColumns: 2, rows)
      // Other lines of gates.jsonl are of weights or questions that the run has since left behind.
      let names = Set(records.flatMap { ($0.gates ?? []).flatMap(\.names) })
      let isThere = FileManager.default.fileExists(atPath: folder.gatesPath)
      var answers = try isThere ? ResultsLog.records(at: folder.gatesPath).filter { names.contains($0.model) } : []
      for index in answers.indices { answers[index].model = GateMeasurement.plainName(answers[index].model) }
      let views = EvaluationViews(
        EvaluationSummary(answers, models: EvaluationViews.inOrder(answers.map(\.model))))
      return [ReportSection("Gates", tables: [table])]
        + views.sections.map { section in
          var section = section
          section.title = "Gates: \(section.title)"
          // Every value stands in the table above; words without a picture have nothing left to explain.
          (section.files, section.tables) = (section.files + section.tables, [])
          if section.figures.isEmpty { section.notes = [] }
          return section
        }
    }
  }

  private var settings: ReportSection {
    ReportSection("Recipe", notes: ["With every default written out."], listing: recipe.effectiveYAML)
  }
}
