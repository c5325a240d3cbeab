import Checkpointing
import EvaluationSuites
import Foundation
import Report

/// A folder that a report is about.
struct ReportSource {
  let name: String
  let title: String
  let sections: [ReportSection]
  /// The steps, where it is a run.
  let run: TrainingCurves.Run?

  init(_ path: String, name: String) throws {
    self.name = name
    let machine = MachineRecord(in: path).map { [Self.section("Machine", $0.rows)] } ?? []
    if RunFolder(path).isBegun {
      let report = try RunReport(path, name: name)
      (title, run) = ("Run \(name)", report.curves.runs.first)
      sections = try report.sections + machine
    } else if FileManager.default.fileExists(atPath: path + "/results.jsonl") {
      (title, run) = ("Evaluation \(name)", nil)
      sections = try Self.evaluation(path) + machine
    } else {
      throw InputError(
        "\(path): found neither a run (recipe.yaml, metrics.jsonl) nor an evaluation (results.jsonl); give a folder that "
          + "extend train or extend evaluate has made")
    }
  }

  private static func evaluation(_ path: String) throws -> [ReportSection] {
    let records = try ResultsLog.records(at: path + "/results.jsonl")
    let bytes = try? Data(contentsOf: URL(filePath: path + "/summary.json"))
    let last = bytes.flatMap { try? ResultsJSON.decode(EvaluationSummary.self, from: $0) }
    // The order of the last comparison, then what has come since.
    let models = EvaluationViews.inOrder((last?.models ?? []) + records.map(\.model))
    let summary = EvaluationSummary(
      records, models: models, threshold: last?.ruler.first?.threshold ?? RULERScore.threshold)
    let views = EvaluationViews(summary)
    let overview = ReportSection(
      ReportSection.glance, answers: views.glance,
      notes: records.isEmpty
        ? ["No result yet."]
        : [
          "\(records.count) results of \(models.count == 1 ? "one model" : "\(models.count) models"). Intervals are "
            + "at 95 %; differences are from \(models[0]). Docs/Evaluation.md says what each suite asks.",
          EvaluationViews.glanceNote,
        ])
    let settings = try? JSONDecoder().decode(
      EvaluationSettings.self, from: Data(contentsOf: URL(filePath: EvaluationSettings.path(in: path))))
    return [overview] + views.sections + (settings.map { [section("Settings", $0.rows)] } ?? [])
  }

  private static func section(_ name: String, _ rows: [(String, String)]) -> ReportSection {
    let cells = rows.map { [Table.Cell($0.0), Table.Cell($0.1)] }
    return ReportSection(name, tables: [Table(name, ["what", "value"], textColumns: 2, cells)])
  }
}
