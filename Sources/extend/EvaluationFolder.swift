import EvaluationSuites
import Foundation
import AtomicFiles
import Report

/// Where an evaluation leaves what it found.
struct EvaluationFolder {
  let log: ResultsLog
  private let path: String

  /// Opens the folder or makes it; refuses one that holds results of other tests.
  init(_ path: String, _ subjects: [EvaluationSubject], _ plan: EvaluationPlan, plain: Bool) throws {
    self.path = path
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      throw InputError("\(path): cannot be made: \(FileError.reason(of: error))")
    }
    log = try ResultsLog(path: path + "/results.jsonl")
    let mode = plain ? ", plain" : ""
    var now = EvaluationSettings(
      seed: plan.seed, depths: plan.depths, stride: plan.stride,
      windows: plan.suites.contains(.perplexity) ? plan.lengths : nil,
      data: plan.dataFingerprint + plan.computation,
      models: Dictionary(uniqueKeysWithValues: subjects.map { ($0.name, $0.fingerprint + mode) }))
    let file = EvaluationSettings.path(in: path)
    if let bytes = try? Data(contentsOf: URL(filePath: file)) {
      guard let before = try? JSONDecoder().decode(EvaluationSettings.self, from: bytes) else {
        throw InputError("\(file): found something else than the settings of an evaluation; use another --out")
      }
      var changes: [String] = []
      if before.seed != now.seed { changes.append("--seed was \(before.seed)") }
      if before.depths != now.depths { changes.append("depths were \(before.depths)") }
      if before.stride != now.stride { changes.append("--stride was \(before.stride)") }
      if let windows = before.windows {
        if let mine = now.windows, mine != windows {
          changes.append("--lengths of the suite perplexity were \(windows)")
        }
        now.windows = windows
      }
      if before.data != now.data {
        let isComputation = EvaluationPlan.isComputation(before.data, of: plan.dataFingerprint)
        changes.append(isComputation ? "--precision or --cache was another" : "the data were others")
      }
      for (name, print) in before.models.sorted(by: { $0.key < $1.key }) {
        if let mine = now.models[name], mine != print { changes.append("the model \(name) was \(print), is \(mine)") }
      }
      if !changes.isEmpty {
        throw UsageError(
          "\(path) holds results of other tests: \(changes.joined(separator: "; ")); use another --out, or the same "
            + "settings to go on")
      }
      now.models.merge(before.models) { mine, _ in mine }
    } else if !log.records.isEmpty {
      throw InputError(
        "\(path): found \(log.records.count) results and no settings.json that says of which tests; put it back, or use "
          + "another --out")
    }
    try AtomicFile.write(try encoded(now) + "\n", to: file)
  }

  /// The tables for other programs.
  func write(_ summary: EvaluationSummary) throws {
    for (name, text) in [
      ("summary.json", String(decoding: try ResultsJSON.encode(summary), as: UTF8.self) + "\n"),
      ("summary.csv", Self.csv(summary.rows)),
      ("depths.csv", Self.csv(summary.depthRows)),
    ] {
      try AtomicFile.write(text, to: path + "/" + name)
    }
  }

  private static func csv(_ rows: [EvaluationSummary.Row]) -> String {
    func text(_ number: Double?) -> String { number.map { "\($0)" } ?? "" }
    return CSV.text(
      [
        [
          "suite", "task", "length", "depth", "metric", "model", "count", "value", "low", "high", "difference",
          "difference_low", "difference_high",
        ]
      ]
        + rows.flatMap { row in
          row.values.map { value in
            [
              row.suite, row.taskName, "\(row.length)", text(row.depth), row.metric.rawValue, value.model,
              "\(value.count)",
              text(value.value), text(value.low), text(value.high), text(value.difference), text(value.differenceLow),
              text(value.differenceHigh),
            ]
          }
        })
  }
}
