import EvaluationSuites

extension EvaluationViews {
  /// A section for each suite: what retrieval found by length and depth, RULER, perplexities, the short panel, and every
  /// number with its interval.
  public var sections: [ReportSection] {
    suites.map { suite in
      switch suite {
      case Perplexity.name: perplexitySection
      case Perplexity.short: shortSection
      default: retrievalSection(suite)
      }
    }
  }

  private func retrievalSection(_ suite: String) -> ReportSection {
    var section = ReportSection(suite)
    section.figures = grids(suite).map { grid in
      let task = grid.task == suite ? suite : "\(suite) \(grid.task)"
      let name = summary.models.count > 1 ? "\(task), \(grid.model)" : task
      return ReportSection.Figure(
        name, "Per cent found, by where it was hidden (0 %: at the beginning) and how long the text was.",
        grid.map.drawing)
    }
    if suite == RULERSuite.name {
      section.notes = summary.ruler.map(Self.sentence)
      section.tables = summary.models.compactMap(rulerTable)
    }
    let rows = summary.rows.filter { $0.suite == suite && $0.metric == .score }
    let counted = Self.inOrder(rows.filter { $0.units != nil }.map(\.task))
    let tasks = Self.inOrder(rows.filter { $0.units == nil }.map(\.task)).count
    section.figures +=
      ([
        meanByLength(
          "\(suite), " + (tasks > 1 ? "mean of \(tasks) tasks" : "by length"), rows.filter { $0.units == nil })
      ]
      + counted.map { task in meanByLength("\(suite) \(task)", rows.filter { $0.units != nil && $0.task == task }) })
      .compactMap(\.self)
    section.tables.append(comparison(suite))
    return section
  }

  /// The mean of scores by length; nil with one length only.
  private func meanByLength(_ name: String, _ rows: [EvaluationSummary.Row]) -> ReportSection.Figure? {
    let lengths = Set(rows.map(\.length)).sorted()
    if lengths.count < 2 { return nil }
    let series = summary.models.map { model in
      LineChart.Series(
        model,
        lengths.compactMap { length in
          let values = rows.filter { $0.length == length }.compactMap { row in
            row.values.first { $0.model == model }?.value
          }
          return values.isEmpty
            ? nil : LineChart.Point(Double(length), 100 * values.reduce(0, +) / Double(values.count))
        })
    }
    let threshold = rows[0].suite == RULERSuite.name ? summary.ruler.first?.threshold : nil
    let chart = LineChart(
      x: "length in tokens", .tokens, y: "per cent", .including(0...100), series,
      level: threshold.map { LineChart.Mark($0, "threshold \(NumberLabel.short($0))") })
    return ReportSection.Figure(name, "Per cent found at each length.", chart.drawing)
  }

  private var perplexitySection: ReportSection {
    let rows = summary.rows.filter { $0.suite == Perplexity.name }
    func series(_ rows: [EvaluationSummary.Row], _ x: (EvaluationSummary.Row) -> Double) -> [LineChart.Series] {
      summary.models.map { model in
        LineChart.Series(
          model,
          rows.compactMap { row in
            row.values.first { $0.model == model }.map { LineChart.Point(x(row), $0.value) }
          })
      }
    }
    var section = ReportSection(Perplexity.name)
    for length in Set(rows.map(\.length)).sorted() {
      let buckets = rows.filter { $0.length == length && $0.positions != nil }
      if buckets.isEmpty { continue }
      let chart = LineChart(
        x: "position", .tokens, y: "perplexity", .automatic, series(buckets) { Double($0.positions?.upperBound ?? 0) })
      section.figures.append(
        ReportSection.Figure(
          "Perplexity by position, \(NumberLabel.tokens(length)) tokens",
          "Each point is at the end of its range of positions. A curve that rises at the end: the window is not used there.",
          chart.drawing))
    }
    let windows = rows.filter { $0.task == Perplexity.sliding }
    if windows.count > 1 {
      let chart = LineChart(
        x: "tokens before the end", .tokens, y: "perplexity", .automatic, series(windows) { Double($0.length) })
      section.figures.append(
        ReportSection.Figure(
          "Perplexity of the same targets", "Falling: more context is worth something; rising: it hurts.", chart.drawing
        ))
    }
    section.tables = [comparison(Perplexity.name)]
    return section
  }

  private var shortSection: ReportSection {
    ReportSection(
      "Short context",
      notes: ["What the model lost at the length it was made for, beside the first model of the comparison."],
      tables: shortPanel.map { [$0] } ?? [])
  }
}
