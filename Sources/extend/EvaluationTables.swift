import EvaluationSuites
import Foundation

/// A summary as people read it.
struct EvaluationTables {
  let summary: EvaluationSummary

  init(_ summary: EvaluationSummary) { self.summary = summary }

  func print() {
    var suites: [String] = []
    for row in summary.rows where !suites.contains(row.suite) { suites.append(row.suite) }
    for suite in suites {
      Console.print("")
      Console.print(suite)
      Console.print(table(comparison(suite)))
      for grid in grids(suite) { Console.print("\n" + grid) }
    }
    for ruler in summary.ruler { Console.print("\n" + Self.text(ruler)) }
  }

  /// Task, length, then each model's value; those after the first with their difference from it.
  private func comparison(_ suite: String) -> [[String]] {
    var heading = ["task", "length", "n"]
    for (index, model) in summary.models.enumerated() {
      heading.append(model)
      heading.append("95 %")
      if index > 0 { heading += ["difference", "95 %"] }
    }
    var rows = [heading]
    for row in summary.rows where row.suite == suite {
      var cells = [Self.task(row), Self.length(row.length), "\(row.values.map(\.count).max() ?? 0)"]
      for (index, model) in summary.models.enumerated() {
        let value = row.values.first { $0.model == model }
        cells.append(value.map { Self.number($0.value, row.metric) } ?? "–")
        cells.append(Self.interval(value?.low, value?.high, row.metric))
        if index > 0 {
          cells.append(value?.difference.map { ($0 >= 0 ? "+" : "") + Self.number($0, row.metric) } ?? "–")
          cells.append(Self.interval(value?.differenceLow, value?.differenceHigh, row.metric))
        }
      }
      rows.append(cells)
    }
    return rows
  }

  /// Depth by length for each model and task.
  private func grids(_ suite: String) -> [String] {
    let rows = summary.depthRows.filter { $0.suite == suite }
    var tasks: [String] = []
    for row in rows where !tasks.contains(row.task) { tasks.append(row.task) }
    return summary.models.flatMap { model in
      tasks.compactMap { task -> String? in
        let own = rows.filter { row in row.task == task && row.values.contains { $0.model == model } }
        let lengths = Set(own.map(\.length)).sorted(), depths = Set(own.compactMap(\.depth)).sorted()
        if own.isEmpty || depths.count < 2 { return nil }
        var grid = [["\(task), \(model): depth"] + lengths.map(Self.length)]
        for depth in depths {
          grid.append(
            [String(format: "%g %%", depth)]
              + lengths.map { length in
                let row = own.first { $0.length == length && $0.depth == depth }
                return row?.values.first { $0.model == model }.map { Self.percent($0.value) } ?? "–"
              })
        }
        return table(grid)
      }
    }
  }

  private static func text(_ ruler: EvaluationSummary.RULER) -> String {
    let scores = zip(ruler.lengths, ruler.scores).map { "\(length($0)) " + String(format: "%.1f", $1) }
    let effective = ruler.effectiveLength.map(length) ?? "below \(length(ruler.lengths.min() ?? 0))"
    return "RULER, \(ruler.model), mean of \(ruler.tasks) tasks: " + scores.joined(separator: ", ")
      + String(
        format: "; average %.1f, weighted to long %.1f, to short %.1f; effective length ", ruler.mean,
        ruler.increasingMean, ruler.decreasingMean) + effective + String(format: " (above %.1f)", ruler.threshold)
  }

  private static func task(_ row: EvaluationSummary.Row) -> String {
    switch row.metric {
    case .score: row.task
    case .perplexity: row.task + " perplexity"
    case .divergence: row.task + " KL from base, nats"
    case .sameTop: row.task + " same top token"
    }
  }

  private static func number(_ value: Double, _ metric: EvaluationSummary.Metric) -> String {
    switch metric {
    case .score, .sameTop: percent(value)
    case .perplexity: String(format: "%.3f", value)
    case .divergence: String(format: "%.5f", value)
    }
  }

  private static func interval(_ low: Double?, _ high: Double?, _ metric: EvaluationSummary.Metric) -> String {
    guard let low, let high else { return "" }
    return "\(number(low, metric)) to \(number(high, metric))"
  }

  static func percent(_ value: Double) -> String { String(format: "%.0f %%", value * 100) }

  /// 4096 as 4K.
  static func length(_ tokens: Int) -> String {
    if tokens > 0 && tokens % 1_048_576 == 0 { return "\(tokens / 1_048_576)M" }
    return tokens > 0 && tokens % 1024 == 0 ? "\(tokens / 1024)K" : "\(tokens)"
  }
}
