/// Rows of texts under a heading.
public struct Table: Equatable, Sendable {
  public struct Cell: Equatable, Sendable {
    /// As people read it.
    public var text: String
    /// As other programs do.
    public var raw: String
    /// 0...1 for a cell with a colour.
    public var heat: Double?
    /// What is said when somebody points at it.
    public var detail: String?
    /// Whether it is good news or bad; nil for neither.
    public var isGood: Bool?

    public init(_ text: String, raw: String? = nil, heat: Double? = nil, detail: String? = nil, isGood: Bool? = nil) {
      (self.text, self.raw, self.heat, self.detail, self.isGood) = (text, raw ?? text, heat, detail, isGood)
    }

    /// A number as people read it, with all its digits for programs; a dash for nil.
    public init(_ number: Double?, _ label: (Double) -> String = { NumberLabel.short($0) }) {
      self.init(number.map(label) ?? "–", raw: number.map { "\($0)" } ?? "")
    }
  }
  /// Also what its file is called.
  public var name: String
  public var heading: [String]
  public var rows: [[Cell]]
  /// Columns whose texts begin at the left; others end at the right.
  public var textColumns: Int

  public init(_ name: String, _ heading: [String], textColumns: Int = 1, _ rows: [[Cell]]) {
    precondition(
      rows.allSatisfy { $0.count == heading.count },
      "Table: expected \(heading.count) cells in each row, got \(rows.map(\.count))")
    (self.name, self.heading, self.textColumns, self.rows) = (name, heading, textColumns, rows)
  }

  public var csv: String { CSV.text([heading] + rows.map { $0.map(\.raw) }) }

  /// In a box of its own that a narrow screen can scroll.
  var markup: Markup {
    func kind(_ column: Int) -> String? { column < textColumns ? nil : "number" }
    let head = Markup.element(
      "tr", [:], heading.enumerated().map { .element("th", ["class": kind($0), "scope": "col"], [.text($1)]) })
    let body = rows.map { row in
      Markup.element("tr", [:], row.enumerated().map { Self.markup($1, kind($0), isFirst: $0 == 0) })
    }
    return .element(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": name],
      [.element("table", [:], [.element("thead", [:], [head]), .element("tbody", [:], body)])])
  }

  static func kind(_ isGood: Bool) -> String { isGood ? "good" : "bad" }

  /// The first cell names its row, for those who hear a table instead of seeing it.
  private static func markup(_ cell: Cell, _ kind: String?, isFirst: Bool) -> Markup {
    let colour = cell.heat.map(Palette.heat)
    let kinds = [kind, cell.isGood.map(Self.kind)].compactMap { $0 }
    return .element(
      isFirst ? "th" : "td",
      [
        "scope": isFirst ? "row" : nil, "class": kinds.isEmpty ? nil : kinds.joined(separator: " "),
        "title": cell.detail,
        "style": colour.map { "background:\($0.fill);color:\($0.wantsBrightText ? "#fff" : "#000")" },
      ], [.text(cell.text)])
  }
}
