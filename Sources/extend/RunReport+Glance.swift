import Checkpointing
import Metrics
import RecipeFormat
import Report

extension RunReport {
  /// What a reader wants to know first, as questions and answers in words; only what this run has measured.
  var glance: ReportSection {
    ReportSection(
      ReportSection.glance,
      answers: [
        .init("Is it done?", [done]), .init("Does it read longer texts?", longer),
        .init("Did it lose anything at short lengths?", shorter), safe,
      ])
  }

  private var done: String {
    guard let last = curves.runs[0].steps.last else { return "No step yet." }
    let place = "after step \(last.stepInStage) of stage \(last.stageName), \(last.stage) of \(recipe.stages.count)"
    if folder.holder != nil { return "It was running when this page was made, \(place)." }
    let state = RunState(recipe, last: last, measurements)
    if state?.isComplete == true {
      return "Yes: \(Self.stages(recipe.stages.count)), \(curves.runs[0].steps.count) steps."
    }
    return "No: stopped \(place)\(state?.failedGates.isEmpty == false ? ", at a gate that failed" : ""); go on with: "
      + "extend resume \(folder.path)"
  }

  /// Of the longest context that a stage was trained to.
  private var longer: [String] {
    let ends = measurements.records.filter { $0.moment == .after }
    // The newest measurement of that stage: it may have been trained more than once.
    guard let longest = ends.max(by: { ($0.context, $0.stage) < ($1.context, $1.stage) }),
      let after = measurements.find(.after, stage: longest.stage)
    else {
      return ["Not measured yet: that comes at the end of a stage."]
    }
    func said(_ record: MeasurementRecord) -> String {
      let loss = record.heldOutLoss.map { "held-out loss \(NumberLabel.short($0))" }
      let passkey = record.passkey.map { "passkey \($0.right) of \($0.asked) (95 %: \($0.interval))" }
      return [loss, passkey].compactMap(\.self).joined(separator: ", ")
    }
    let place = "at \(NumberLabel.tokens(after.context)) tokens"
    let before = measurements.find(.before, stage: after.stage).map { "Before \(place): \(said($0))" }
    return [before, "After stage \(after.stageName) \(place): \(said(after))"].compactMap(\.self)
  }

  private var shorter: [String] {
    guard let record = measurements.records.last(where: { $0.gates?.contains(where: \.isAboutShortTexts) == true })
    else {
      return [
        "Not measured in this run. The gates short_perplexity, short_divergence and short_same_top do, or: extend evaluate "
          + "BASE MODEL --suite short --data FILE"
      ]
    }
    return ["After stage \(record.stageName), without intervals:"]
      + (record.gates ?? []).filter(\.isAboutShortTexts).map { "\($0.subject): \($0.value)" }
  }

  /// Only gates say what is good enough.
  private var safe: ReportSection.Answer {
    func answer(_ lines: [String], isGood: Bool? = nil) -> ReportSection.Answer {
      .init("Is it safe to export?", lines, isGood: isGood)
    }
    let stages = recipe.stages.enumerated().filter { !$0.element.gates.isEmpty }
    if stages.isEmpty {
      return answer(["Not asked: the recipe has no gates. First compare: extend evaluate BASE MODEL"])
    }
    let newest = stages.compactMap { measurements.find(.gates, stage: $0.offset + 1) }
    let results = newest.flatMap { record in (record.gates ?? []).map { (stage: record.stageName, gate: $0) } }
    let failed = results.filter { !$0.gate.isPassed }.map { result in
      "No, in stage \(result.stage): \(result.gate.subject) is \(result.gate.value), demanded \(result.gate.demand)"
    }
    if !failed.isEmpty { return answer(failed, isGood: false) }
    if newest.count < stages.count {
      return answer(["Not known yet: of \(stages.count) stages with gates \(newest.count) were measured, and passed."])
    }
    return answer(
      ["As far as its gates go: all \(results.count) of \(Self.stages(stages.count)) are passed."], isGood: true)
  }

  private static func stages(_ count: Int) -> String { "\(count) \(count == 1 ? "stage" : "stages")" }
}

extension GateResult {
  /// Beside the base at the length the model was made for.
  fileprivate var isAboutShortTexts: Bool { subject.hasPrefix("short_") }
}
