/// A part of a report: words, pictures and tables about one thing.
public struct ReportSection: Sendable {
  /// A picture with its name, which also names its file, and a line below it.
  public struct Figure: Sendable {
    public var name: String, caption: String
    public var drawing: Drawing

    public init(_ name: String, _ caption: String = "", _ drawing: Drawing) {
      (self.name, self.caption, self.drawing) = (name, caption, drawing)
    }
  }
  /// What a reader asks, and what is known about it.
  public struct Answer: Equatable, Sendable {
    public var question: String
    public var lines: [String]
    /// Whether it is good news or bad; nil for neither.
    public var isGood: Bool?

    public init(_ question: String, _ lines: [String], isGood: Bool? = nil) {
      (self.question, self.lines, self.isGood) = (question, lines, isGood)
    }
  }
  public var title: String
  public var answers: [Answer]
  /// Paragraphs.
  public var notes: [String]
  public var figures: [Figure]
  public var tables: [Table]
  /// Tables that are too long for a page and only become files.
  public var files: [Table]
  /// A text shown as it stands when somebody opens it.
  public var listing: String?

  public init(
    _ title: String, answers: [Answer] = [], notes: [String] = [], figures: [Figure] = [], tables: [Table] = [],
    files: [Table] = [],
    listing: String? = nil
  ) {
    (self.title, self.answers, self.notes, self.figures, self.tables) = (title, answers, notes, figures, tables)
    (self.files, self.listing) = (files, listing)
  }

  /// Of what comes first on a page.
  public static let glance = "At a glance"

  var isEmpty: Bool { answers.isEmpty && notes.isEmpty && figures.isEmpty && tables.isEmpty && listing == nil }

  var markup: Markup {
    let answers = answers.flatMap { answer in
      [Markup.element("dt", [:], [.text(answer.question)])]
        + answer.lines.map { Markup.element("dd", ["class": answer.isGood.map(Table.kind)], [.prose($0)]) }
    }
    let list = answers.isEmpty ? [] : [Markup.element("dl", [:], answers)]
    let notes = notes.map { Markup.element("p", [:], [.prose($0)]) }
    let figures = figures.map { figure in
      Markup.element(
        "figure", [:],
        [
          .element("h3", [:], [.text(figure.name)]), figure.drawing.inline(title: figure.name),
          .element("figcaption", [:], [.text(figure.caption)]),
        ])
    }
    let grid = figures.isEmpty ? [] : [Markup.element("div", ["class": "figures"], figures)]
    let tables = tables.flatMap { table in
      (table.name == title ? [] : [Markup.element("h3", [:], [.text(table.name)])]) + [table.markup]
    }
    let listing = listing.map {
      [
        Markup.element(
          "details", [:], [.element("summary", [:], [.text("Show: \(title)")]), .element("pre", [:], [.text($0)])])
      ]
    }
    return .element(
      "section", [:], [.element("h2", [:], [.text(title)])] + list + notes + grid + tables + (listing ?? []))
  }
}
