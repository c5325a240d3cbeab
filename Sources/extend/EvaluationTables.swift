import EvaluationSuites
import Report

/// A summary as people read it in a terminal.
struct EvaluationTables {
  let views: EvaluationViews
  /// Of a terminal as it opens; the same everywhere, so that a log has the same lines.
  static let width = 80

  init(_ summary: EvaluationSummary) { views = EvaluationViews(summary) }

  func print() {
    for suite in views.suites {
      for part in Self.parts(views, suite) { Console.print("\n" + part) }
      for grid in views.grids(suite) {
        let rows = zip(grid.map.rows, grid.map.cells).map { name, cells in
          [name] + cells.map { $0.map { NumberLabel.percent($0.value) } ?? "–" }
        }
        let heading = ["depth"] + grid.map.columns
        Console.print("\n\(grid.task), \(grid.model)\n" + table([heading] + rows, width: Self.width))
      }
    }
    for ruler in views.summary.ruler { Console.print("\n" + EvaluationViews.sentence(ruler)) }
  }

  /// All models in one table where that fits, else each in one of its own.
  static func parts(_ views: EvaluationViews, _ suite: String) -> [String] {
    func text(_ comparison: Table, _ heading: [String]) -> String {
      table([heading] + comparison.rows.map { $0.map(\.text) })
    }
    let all = views.comparison(suite), whole = text(all, all.heading)
    if whole.prefix(while: { $0 != "\n" }).count <= width { return ["\(suite)\n\(whole)"] }
    return views.summary.models.map { model in
      let own = views.comparison(suite, of: [model])
      let short = [model: "value", EvaluationViews.intervalName: "95 %"]
      return "\(suite), \(model)\n" + text(own, own.heading.map { short[$0] ?? $0 })
    }
  }
}
