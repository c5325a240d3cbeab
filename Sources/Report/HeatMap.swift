/// Scores over two directions, as length by depth: the brighter, the better.
public struct HeatMap: Equatable, Sendable {
  /// One score.
  public struct Cell: Equatable, Sendable {
    /// 0...1.
    public var value: Double
    /// What is said about it when somebody points at it.
    public var detail: String

    public init(_ value: Double, detail: String) { (self.value, self.detail) = (value, detail) }
  }
  public var xName: String, yName: String
  public var columns: [String], rows: [String]
  /// By row, then by column; nil where nothing was measured.
  public var cells: [[Cell?]]

  public init(
    x xName: String, _ columns: [String], y yName: String, _ rows: [String], cells: [[Cell?]]
  ) {
    precondition(
      cells.count == rows.count && cells.allSatisfy { $0.count == columns.count },
      "HeatMap: expected \(rows.count) rows of \(columns.count) cells, got \(cells.map(\.count))")
    (self.xName, self.columns, self.yName, self.rows, self.cells) = (xName, columns, yName, rows, cells)
  }

  /// Cells with their per cents as far as there is room, all with tooltips, and the scale.
  public var drawing: Drawing {
    let width = 400.0, left = 8 + Drawing.glyph * Double(max(3, rows.map(\.count).max() ?? 0)), top = 18.0
    let cellWidth = min(80, (width - left - 4) / Double(max(1, columns.count)))
    let cellHeight = min(26, max(9, 260 / Double(max(1, rows.count))))
    let bottom = top + cellHeight * Double(rows.count), hasRoom = cellWidth >= 25 && cellHeight >= 13
    var parts: [Markup] = [.label(yName, 2, 10, "start", "name")]
    for (row, name) in rows.enumerated() {
      let y = top + cellHeight * Double(row)
      if cellHeight >= 11 || row % 2 == 0 { parts.append(.label(name, left - 5, y + cellHeight / 2 + 3.5, "end")) }
      for (column, cell) in cells[row].enumerated() {
        let x = left + cellWidth * Double(column)
        guard let cell else {
          parts.append(.box("none", x + 0.5, y + 0.5, cellWidth - 1, cellHeight - 1, title: "not measured"))
          continue
        }
        let colour = Palette.heat(cell.value)
        parts.append(.box("cell", x, y, cellWidth, cellHeight, fill: colour.fill, title: cell.detail))
        if hasRoom {
          parts.append(
            .label(
              NumberLabel.wholePercent(cell.value), x + cellWidth / 2, y + cellHeight / 2 + 3.5, "middle",
              colour.wantsBrightText ? "bright" : "dark", title: cell.detail))
        }
      }
    }
    var free = -Double.infinity
    for (column, name) in columns.enumerated() {
      let x = left + cellWidth * (Double(column) + 0.5), half = Drawing.glyph / 2 * Double(name.count)
      guard x - half > free else { continue }
      free = x + half + 3
      parts.append(.label(name, x, bottom + 13, "middle"))
    }
    parts.append(.label(xName, left + cellWidth * Double(columns.count) / 2, bottom + 27, "middle", "name"))
    return Drawing(width: width, height: bottom + 52, parts + Self.scale(left, bottom + 36))
  }

  /// What the colours say.
  private static func scale(_ left: Double, _ top: Double) -> [Markup] {
    let steps = 11, width = 12.0
    let boxes = (0..<steps).map { step in
      Markup.box(
        "cell", left + 24 + width * Double(step), top, width, 9,
        fill: Palette.heat(Double(step) / Double(steps - 1)).fill)
    }
    return boxes + [
      .label("0 %", left + 20, top + 8.5, "end"),
      .label("100 %", left + 28 + width * Double(steps), top + 8.5, "start"),
    ]
  }
}
