extension LineChart {
  /// Columns over the width; one is a little more than a pixel on a phone.
  private static let columnCount = 300
  private static let width = 400.0, height = 196.0

  /// Places of the drawing in units of its view box.
  private struct Frame {
    var x: Axis, y: Axis
    var left: Double, top = 28.0, right = LineChart.width - 8, bottom = LineChart.height - 30

    func across(_ value: Double) -> Double { left + x.position(value) * (right - left) }
    func down(_ value: Double) -> Double { bottom - y.position(value) * (bottom - top) }
  }

  /// The drawing: axes, boundaries, curves, what each column holds as a tooltip, and a legend for several curves.
  public var drawing: Drawing {
    let columns = columnsOfSeries
    let ys = columns.flatMap { $0.columns.flatMap { [$0.column.low, $0.column.high] } }.compactMap { $0 }
    let y = Axis(yAxis, ys + (level.map { [$0.place] } ?? []))
    let widest = y.ticks.map(\.label.count).max() ?? 0
    let frame = Frame(x: xRange, y: y, left: 8 + Drawing.glyph * Double(max(2, widest)))
    var parts = grid(frame) + marks(frame)
    for (index, series) in zip(series, columns).enumerated() {
      parts += Self.curve(series.1, index, frame)
    }
    parts += tooltips(columns, frame)
    let legend = series.count > 1 ? legend : []
    return Drawing(width: Self.width, height: Self.height + 16 * Double(legend.count), parts + legend)
  }

  private var xRange: Axis { Axis(xAxis, series.lazy.flatMap { $0.points.lazy.map(\.x) } + boundaries.map(\.place)) }
  private var columnsOfSeries: [Columns] {
    let x = xRange
    return series.map { Columns($0.points, x, count: Self.columnCount) }
  }

  private func grid(_ frame: Frame) -> [Markup] {
    var parts: [Markup] = []
    for tick in frame.y.ticks {
      let y = frame.down(tick.value)
      parts.append(.line("grid", frame.left, y, frame.right, y))
      parts.append(.label(tick.label, frame.left - 5, y + 3.5, "end"))
    }
    parts.append(.line("axis", frame.left, frame.bottom, frame.right, frame.bottom))
    var free = -Double.infinity
    for tick in frame.x.ticks {
      let x = frame.across(tick.value), half = Drawing.glyph / 2 * Double(tick.label.count)
      guard x - half > free else { continue }
      free = x + half + 4
      parts.append(.line("axis", x, frame.bottom, x, frame.bottom + 3))
      // At the edge a label ends where the drawing does, whatever its font; renderers round glyphs by a pixel.
      let edge = Self.width - 2, isWithin = x + half <= edge
      parts.append(.label(tick.label, isWithin ? x : edge, frame.bottom + 14, isWithin ? "middle" : "end"))
    }
    parts.append(.label(xName, (frame.left + frame.right) / 2, frame.bottom + 27, "middle", "name"))
    parts.append(.label(yName + (frame.y.isLogarithmic ? ", logarithmic scale" : ""), 2, 10, "start", "name"))
    return parts
  }

  /// Boundaries with as many of their names as have room, and the level.
  private func marks(_ frame: Frame) -> [Markup] {
    var parts: [Markup] = [], free = frame.left - 1
    for mark in boundaries {
      let x = frame.across(mark.place)
      parts.append(.line("boundary", x, frame.top - 6, x, frame.bottom, title: mark.label))
      let end = x + 3 + Drawing.glyph * Double(mark.label.count)
      if x > free, end < Self.width {
        parts.append(.label(mark.label, x + 3, frame.top - 4, "start"))
        free = end + 3
      }
    }
    if let level {
      let y = frame.down(level.place)
      parts.append(.line("level", frame.left, y, frame.right, y, title: level.label))
      parts.append(.label(level.label, frame.right, y - 3, "end"))
    }
    return parts
  }

  /// The band from least to greatest, the line of means, dots where points are few or alone, and crosses for what is no
  /// number.
  private static func curve(_ columns: Columns, _ index: Int, _ frame: Frame) -> [Markup] {
    var runs: [[Columns.Column]] = [[]], parts: [Markup] = []
    for (_, column) in columns.columns {
      if column.finite > 0 { runs[runs.count - 1].append(column) } else { runs.append([]) }
      if column.lost > 0 {
        let x = frame.across(column.middle), y = frame.bottom - 5
        parts.append(
          .path("lost", "M\(place(x - 3)) \(place(y - 3))l6 6m0 -6l-6 6"))
      }
    }
    let isSparse = columns.columns.count <= 40
    for run in runs where !run.isEmpty {
      let upper = run.map { "\(place(frame.across($0.middle))) \(place(frame.down($0.high ?? 0)))" }
      let lower = run.reversed().map { "\(place(frame.across($0.middle))) \(place(frame.down($0.low ?? 0)))" }
      if run.contains(where: { $0.low != $0.high }) {
        parts.append(.path("band s\(index % Palette.seriesCount)", "M" + (upper + lower).joined(separator: "L") + "Z"))
      }
      let line = run.map { (frame.across($0.middle), frame.down($0.mean ?? 0)) }
      if line.count > 1 {
        let places = line.map { "\(place($0.0)) \(place($0.1))" }.joined(separator: "L")
        parts.append(.path("curve s\(index % Palette.seriesCount)", "M" + places))
      }
      if isSparse || line.count == 1 { parts += line.map { Palette.dot($0.0, $0.1, series: index) } }
    }
    return parts
  }

  /// For each column that holds something, a field as high as the chart that says what.
  private func tooltips(_ columns: [Columns], _ frame: Frame) -> [Markup] {
    var texts: [Int: (x: Double, lines: [String])] = [:]
    let label = frame.y.label
    for (series, columns) in zip(series, columns) {
      for (number, column) in columns.columns {
        let place =
          column.from == column.to
          ? xLabel(column.from) : "\(xLabel(column.from))–\(xLabel(column.to))"
        var text = column.mean.map(label) ?? "not finite"
        if let low = column.low, let high = column.high, low != high { text += " (\(label(low)) to \(label(high)))" }
        if column.finite > 0, column.lost > 0 { text += ", \(column.lost) not finite" }
        let heading = self.series.count > 1 ? "\(series.name), " : ""
        texts[number, default: (frame.across(column.middle), [])].lines.append("\(heading)\(xName) \(place): \(text)")
      }
    }
    let ordered = texts.sorted { $0.key < $1.key }.map(\.value)
    return ordered.enumerated().map { index, text in
      let before = index > 0 ? (ordered[index - 1].x + text.x) / 2 : text.x - 8
      let after = index + 1 < ordered.count ? (ordered[index + 1].x + text.x) / 2 : text.x + 8
      return .box(
        "hover", max(before, frame.left - 8), frame.top, max(0.1, after - max(before, frame.left - 8)),
        frame.bottom - frame.top, title: text.lines.joined(separator: "\n"))
    }
  }

  private func xLabel(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : NumberLabel.short(value)
  }

  private var legend: [Markup] {
    series.enumerated().filter { !$0.element.points.isEmpty }.enumerated().map { row, entry in
      let (index, series) = (entry.offset, entry.element), y = Self.height + 16 * Double(row) + 5
      return .element(
        "g", [:],
        [
          .path("curve s\(index % Palette.seriesCount)", "M16 \(place(y))h20"), Palette.dot(26, y, series: index),
          .label(series.name.shortened(to: 56), 42, y + 3.5, "start", title: series.name),
        ])
    }
  }
}

/// A coordinate as text.
private func place(_ value: Double) -> String { NumberLabel.place(value) }

extension String {
  /// The text, or its beginning and end where it is too long.
  func shortened(to count: Int) -> String {
    self.count <= count ? self : "\(prefix(count * 2 / 3))…\(suffix(count / 3 - 1))"
  }
}
