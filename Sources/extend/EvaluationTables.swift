import EvaluationSuites
import Report

/// A summary as people read it in a terminal.
struct EvaluationTables {
  let views: EvaluationViews

  init(_ summary: EvaluationSummary) { views = EvaluationViews(summary) }

  func print() {
    for suite in views.suites {
      let comparison = views.comparison(suite)
      Console.print("\n\(suite)\n" + table([comparison.heading] + comparison.rows.map { $0.map(\.text) }))
      for grid in views.grids(suite) {
        let rows = zip(grid.map.rows, grid.map.cells).map { name, cells in
          [name] + cells.map { $0.map { NumberLabel.percent($0.value) } ?? "–" }
        }
        Console.print("\n" + table([["\(grid.task), \(grid.model): depth"] + grid.map.columns] + rows))
      }
    }
    for ruler in views.summary.ruler { Console.print("\n" + EvaluationViews.sentence(ruler)) }
  }
}
