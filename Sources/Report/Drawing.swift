/// An SVG picture of a width that suits a phone as well as a third of a screen.
public struct Drawing: Equatable, Sendable {
  /// The most that a digit or letter is wide in the fonts of the style sheet, 11 units high: DejaVu Sans's 7.0.
  static let glyph = 7.1
  let width: Double, height: Double
  let parts: [Markup]

  init(width: Double, height: Double, _ parts: [Markup]) {
    (self.width, self.height, self.parts) = (width, height, parts)
  }

  /// In a page that has the style sheet.
  func inline(title: String) -> Markup {
    .element(
      "svg", ["viewBox": viewBox, "role": "img", "aria-label": title, "xmlns": "http://www.w3.org/2000/svg"], parts)
  }

  /// As a file of its own.
  func file(title: String) -> String {
    let heading = 24.0
    let ground = Markup.box("ground", 0, 0, width, height + heading)
    let moved = Markup.element("g", ["transform": "translate(0 \(NumberLabel.place(heading)))"], parts)
    let root = Markup.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": title,
        "viewBox": "0 0 \(NumberLabel.place(width)) \(NumberLabel.place(height + heading))",
        "width": NumberLabel.place(2 * width), "height": NumberLabel.place(2 * (height + heading)),
      ],
      [
        .element("title", [:], [.text(title)]), .style(Palette.sheet), ground,
        .label(title.shortened(to: 62), 2, 16, "start", "title"), moved,
      ])
    return root.source + "\n"
  }

  private var viewBox: String { "0 0 \(NumberLabel.place(width)) \(NumberLabel.place(height))" }
}

extension Markup {
  private static func tooltip(_ text: String?) -> [Markup] { text.map { [.element("title", [:], [.text($0)])] } ?? [] }

  static func line(
    _ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, title: String? = nil
  ) -> Markup {
    .element(
      "line",
      [
        "class": kind, "x1": NumberLabel.place(x1), "y1": NumberLabel.place(y1), "x2": NumberLabel.place(x2),
        "y2": NumberLabel.place(y2),
      ], tooltip(title))
  }

  static func box(
    _ kind: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String? = nil,
    title: String? = nil
  ) -> Markup {
    .element(
      "rect",
      [
        "class": kind, "x": NumberLabel.place(x), "y": NumberLabel.place(y), "width": NumberLabel.place(width),
        "height": NumberLabel.place(height), "fill": fill,
      ], tooltip(title))
  }

  static func path(_ kind: String, _ outline: String) -> Markup { .element("path", ["class": kind, "d": outline]) }

  /// - Parameter anchor: which end of the text stands at x: start, middle or end.
  static func label(
    _ text: String, _ x: Double, _ y: Double, _ anchor: String, _ kind: String? = nil, fill: String? = nil,
    title: String? = nil
  ) -> Markup {
    .element(
      "text",
      ["class": kind, "x": NumberLabel.place(x), "y": NumberLabel.place(y), "text-anchor": anchor, "fill": fill],
      [.text(text)] + tooltip(title))
  }
}
