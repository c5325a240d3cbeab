import Checkpointing
import Metrics
import RecipeFormat
import Report

extension RunReport {
  /// What a reader wants to know first, as questions and answers in words; only what this run has measured.
  var glance: ReportSection {
    let rows = [
      ("Is it done?", done), ("Does it read longer texts?", longer), ("Did it lose anything in short texts?", shorter),
      ("Is it safe to export?", demanded),
    ]
    return ReportSection(
      EvaluationViews.glanceName,
      tables: [
        Table(
          EvaluationViews.glanceName, ["question", "measured"], textColumns: 2,
          rows.map { [Table.Cell($0), $1] })
      ])
  }

  private var done: Table.Cell {
    guard let last = curves.runs[0].steps.last else { return Table.Cell("No step yet.") }
    let place = "after step \(last.stepInStage) of stage \(last.stageName), \(last.stage) of \(recipe.stages.count)"
    if folder.holder != nil { return Table.Cell("It was running when this page was made, \(place).") }
    let state = RunState(recipe, last: last, measurements)
    if state?.isComplete == true {
      return Table.Cell("Yes: \(Self.stages(recipe.stages.count)), \(curves.runs[0].steps.count) steps.")
    }
    return Table.Cell(
      "No: stopped \(place)\(state?.failedGates.isEmpty == false ? ", at a gate that failed" : ""). "
        + "extend resume \(folder.path) goes on.")
  }

  /// Of the longest context that a stage was trained to.
  private var longer: Table.Cell {
    let reached = measurements.records.filter { $0.moment == .after }.max {
      ($0.context, $0.stage) < ($1.context, $1.stage)
    }
    guard let after = reached else {
      return Table.Cell("Not measured yet: that comes at the end of a stage.")
    }
    let before = measurements.find(.before, stage: after.stage)
    func said(_ record: MeasurementRecord?, _ moment: String) -> String {
      guard let record else { return "\(moment) not measured" }
      let loss = record.heldOutLoss.map { "held-out loss \(NumberLabel.short($0))" }
      let passkey = record.passkey.map { "passkey \($0.right) of \($0.asked) (\($0.interval))" }
      return ([loss, passkey].compactMap(\.self).joined(separator: ", ")) + " \(moment)"
    }
    return Table.Cell(
      "At \(NumberLabel.tokens(after.context)) tokens: \(said(before, "before")); \(said(after, "after its stage")).")
  }

  private var shorter: Table.Cell {
    let records = measurements.records.filter { $0.gates?.contains { $0.isAboutShortTexts } == true }
    guard let record = records.last else {
      return Table.Cell(
        "Not measured in this run. Gates short_perplexity, short_divergence and short_same_top do, or: extend evaluate BASE "
          + "MODEL --suite short --data FILE.")
    }
    let values = (record.gates ?? []).filter(\.isAboutShortTexts).map { "\($0.subject): \($0.value)" }
    return Table.Cell("\(values.joined(separator: "\n"))\nafter stage \(record.stageName); no intervals")
  }

  private var demanded: Table.Cell {
    let stages = recipe.stages.enumerated().filter { !$0.element.gates.isEmpty }
    if stages.isEmpty {
      return Table.Cell(
        "Not asked: the recipe has no gates. Compare with extend evaluate BASE MODEL before you use it.")
    }
    let newest = stages.compactMap { measurements.find(.gates, stage: $0.offset + 1) }
    let results = newest.flatMap { record in (record.gates ?? []).map { (record.stageName, $0) } }
    let failed = results.filter { !$0.1.isPassed }
    if !failed.isEmpty {
      return Table.Cell(
        "No: "
          + failed.map { "\($1.subject) is \($1.value), demanded \($1.demand) (stage \($0))" }.joined(separator: "\n"),
        isGood: false)
    }
    if newest.count < stages.count {
      return Table.Cell(
        "Not known yet: gates of \(newest.count) of \(Self.stages(stages.count)) were measured, and passed.")
    }
    return Table.Cell(
      "As far as its gates go: all \(results.count) of \(Self.stages(stages.count)) are passed.", isGood: true)
  }

  private static func stages(_ count: Int) -> String { "\(count) \(count == 1 ? "stage" : "stages")" }
}

extension GateResult {
  /// Beside the base at the length the model was made for.
  fileprivate var isAboutShortTexts: Bool { subject.hasPrefix("short_") }
}
