public import EvaluationSuites
import Foundation

/// The results of an evaluation as tables and pictures.
public struct EvaluationViews: Sendable {
  public let summary: EvaluationSummary

  public init(_ summary: EvaluationSummary) { self.summary = summary }

  /// In the order of the results.
  public var suites: [String] { Self.inOrder(summary.rows.map(\.suite)) }

  /// Task, length, then each model's value; those after the first with their difference from it.
  ///
  /// - Parameter models: those shown; all where nil.
  public func comparison(_ suite: String, of models: [String]? = nil) -> Table {
    let models = models ?? summary.models
    let own = summary.rows.filter { $0.suite == suite }
    // Perplexities have no intervals.
    let isScored = own.contains { $0.metric == .score }, interval = isScored ? [Self.intervalName] : []
    var heading = ["task", "length", isScored ? "answers" : "tokens"]
    for model in models {
      heading += [model] + interval + (model != summary.models.first ? ["difference"] + interval : [])
    }
    let rows = own.map { row in
      let count = row.values.map(\.count).max() ?? 0
      var cells = [
        Table.Cell(Self.task(row)), Table.Cell(NumberLabel.tokens(row.length), raw: "\(row.length)"),
        Table.Cell("\(count)"),
      ]
      for model in models {
        let value = row.values.first { $0.model == model }
        cells.append(Table.Cell(value?.value) { Self.number($0, row.metric) })
        if isScored { cells.append(Table.Cell(Self.interval(value?.low, value?.high, row.metric))) }
        if model != summary.models.first {
          cells.append(Table.Cell(value?.difference) { Self.signed($0, row.metric) })
          if isScored {
            cells.append(Table.Cell(Self.interval(value?.differenceLow, value?.differenceHigh, row.metric)))
          }
        }
      }
      return cells
    }
    return Table("\(suite) by task and length", heading, rows)
  }

  /// Of the columns with intervals.
  public static let intervalName = "95 % interval"

  /// Depth by length for each task and model; none where there is one depth only.
  public func grids(_ suite: String) -> [(task: String, model: String, map: HeatMap)] {
    let rows = summary.depthRows.filter { $0.suite == suite }
    return summary.models.flatMap { model in
      Self.inOrder(rows.map(\.task)).compactMap { task in
        var values: [Double: [Int: EvaluationSummary.Value]] = [:]
        for row in rows where row.task == task {
          guard let depth = row.depth, let value = row.values.first(where: { $0.model == model }) else { continue }
          values[depth, default: [:]][row.length] = value
        }
        let depths = values.keys.sorted(), lengths = Set(values.values.flatMap(\.keys)).sorted()
        if depths.count < 2 { return nil }
        let cells = depths.map { depth in
          lengths.map { length -> HeatMap.Cell? in
            guard let value = values[depth]?[length] else { return nil }
            let interval = Self.interval(value.low, value.high, .score)
            return HeatMap.Cell(
              value.value,
              detail: "\(task) at \(length) tokens, depth \(Self.depth(depth)): \(NumberLabel.percent(value.value)) of "
                + "\(value.count), 95 %: \(interval)")
          }
        }
        let map = HeatMap(
          x: "length in tokens", lengths.map(NumberLabel.tokens), y: "depth", depths.map(Self.depth), cells: cells)
        return (task, model, map)
      }
    }
  }

  /// RULER's table: tasks by length, and below them the mean over tasks.
  public func rulerTable(_ model: String) -> Table? {
    guard let ruler = summary.ruler.first(where: { $0.model == model }) else { return nil }
    let rows = summary.rows.filter { $0.suite == RULERSuite.name }
    let body = Self.inOrder(rows.map(\.task)).map { task in
      [Table.Cell(task)]
        + ruler.lengths.map { length in
          let row = rows.first { $0.task == task && $0.length == length }
          guard let value = row?.values.first(where: { $0.model == model }) else { return Table.Cell(nil) }
          let interval = Self.interval(value.low, value.high, .score)
          return Table.Cell(
            String(format: "%.1f", value.value * 100), raw: "\(value.value)", heat: value.value,
            detail: "of \(value.count), 95 %: \(interval)")
        }
    }
    let means = zip(ruler.tasks, ruler.scores).map { tasks, score in
      Table.Cell(
        String(format: "%.1f", score), raw: "\(score / 100)",
        detail: "of \(tasks) task\(tasks == 1 ? "" : "s"), threshold \(ruler.threshold)",
        isGood: score > ruler.threshold)
    }
    return Table(
      "RULER, \(model)", ["task"] + ruler.lengths.map(NumberLabel.tokens),
      body + [[Table.Cell(ruler.meanName)] + means])
  }

  /// What RULER's table comes to for a model, in a sentence.
  public static func sentence(_ ruler: EvaluationSummary.RULER) -> String {
    let scores = zip(ruler.lengths, ruler.scores).map { "\(NumberLabel.tokens($0)) " + String(format: "%.1f", $1) }
    let effective = ruler.effectiveLength ?? ruler.lengths.min() ?? 0
    return "RULER, \(ruler.model), \(ruler.meanName): " + scores.joined(separator: ", ")
      + String(
        format: "; average %.1f, weighted to long %.1f, to short %.1f; effective length ", ruler.mean,
        ruler.increasingMean, ruler.decreasingMean) + (ruler.effectiveLength == nil ? "below " : "")
      + NumberLabel.tokens(effective) + String(format: " (above %.1f)", ruler.threshold)
  }

  /// The short-context panel: what was lost where the model was at home.
  public var shortPanel: Table? {
    guard let perplexity = shortRow(.perplexity) else { return nil }
    let base = perplexity.values.first { $0.model == summary.models.first }?.value
    func value(_ metric: EvaluationSummary.Metric, _ model: String) -> Double? {
      shortRow(metric)?.values.first { $0.model == model }?.value
    }
    return Table(
      "Short context, \(NumberLabel.tokens(perplexity.length)) tokens",
      ["model", "tokens", "perplexity", "÷ first", "KL from first, nats", "same top token"],
      perplexity.values.map { own in
        [
          Table.Cell(own.model), Table.Cell("\(own.count)"), Table.Cell(own.value) { Self.number($0, .perplexity) },
          Table.Cell(base.map { own.value / $0 }) { String(format: "%.4f", $0) },
          Table.Cell(value(.divergence, own.model)) { Self.number($0, .divergence) },
          Table.Cell(value(.sameTop, own.model)) { Self.number($0, .sameTop) },
        ]
      })
  }

  /// One figure of the short-context panel.
  func shortRow(_ metric: EvaluationSummary.Metric) -> EvaluationSummary.Row? {
    summary.rows.first { $0.suite == Perplexity.short && $0.metric == metric }
  }

  static func depth(_ depth: Double) -> String { String(format: "%g %%", depth) }

  private static func task(_ row: EvaluationSummary.Row) -> String {
    switch row.metric {
    case .score: row.taskName
    case .perplexity: row.taskName + " perplexity"
    case .divergence: row.taskName + " KL from base, nats"
    case .sameTop: row.taskName + " same top token"
    }
  }

  static func number(_ value: Double, _ metric: EvaluationSummary.Metric) -> String {
    switch metric {
    case .score, .sameTop: NumberLabel.percent(value)
    case .perplexity: String(format: "%.3f", value)
    case .divergence: String(format: "%.5f", value)
    }
  }

  static func signed(_ value: Double, _ metric: EvaluationSummary.Metric) -> String {
    (value >= 0 ? "+" : "") + number(value, metric)
  }

  static func interval(_ low: Double?, _ high: Double?, _ metric: EvaluationSummary.Metric) -> String {
    guard let low, let high else { return "" }
    return switch metric {
    case .score, .sameTop: "\(NumberLabel.wholePercent(low)) to \(NumberLabel.percent(high))"
    case .perplexity, .divergence: "\(number(low, metric)) to \(number(high, metric))"
    }
  }

  /// Each once.
  public static func inOrder(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}
