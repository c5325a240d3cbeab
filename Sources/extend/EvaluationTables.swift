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
      let comparison = views.comparison(suite)
      let rows = [comparison.heading.map(short)] + comparison.rows.map { $0.map(\.text) }
      Console.print("\n\(suite)\n" + table(rows, width: Self.width, keys: 3))
      for grid in views.grids(suite) {
        let rows = zip(grid.map.rows, grid.map.cells).map { name, cells in
          [name] + cells.map { $0.map { NumberLabel.percent($0.value) } ?? "–" }
        }
        Console.print(
          "\n\(grid.task), \(grid.model)\n" + table([["depth"] + grid.map.columns] + rows, width: Self.width))
      }
    }
    for ruler in views.summary.ruler { Console.print("\n" + EvaluationViews.sentence(ruler)) }
  }

  /// A heading that leaves room for others; as it is where two models would look the same.
  private func short(_ heading: String) -> String {
    let most = 32, models = views.summary.models
    return Set(models.map { $0.shortened(to: most) }).count == models.count ? heading.shortened(to: most) : heading
  }
}
