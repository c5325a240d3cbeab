import Foundation

/// Colours that people who see few of them can tell apart, on light and on dark ground.
enum Palette {
  /// Curves have one of so many colours and dashes. The hues are near Okabe & Ito's (2008); lightness was searched so that
  /// any two stay 20 (CIE76) or more apart also as deuteranopes, protanopes and tritanopes see them (Machado 2009), and
  /// each has a contrast of 3 with the panel.
  static let seriesCount = 7

  /// What things are called, and their colours on light and on dark ground.
  private static let colours: [(name: String, light: String, dark: String)] = [
    ("ink", "#1d2329", "#e7eaee"), ("soft", "#56606b", "#a3adb8"), ("line", "#dfe3e8", "#39424c"),
    ("ground", "#ffffff", "#14181c"), ("panel", "#f6f7f9", "#1b2026"), ("link", "#0060a8", "#7cc0ff"),
    ("good", "#00664a", "#4fc9a0"), ("bad", "#a33c00", "#ff9a5c"), ("s0", "#024598", "#73c4fa"),
    ("s1", "#8a2800", "#e74f25"), ("s2", "#14a159", "#14fc72"), ("s3", "#3a1f34", "#d955a1"),
    ("s4", "#9f8f0f", "#b49474"), ("s5", "#377cf6", "#2080fc"), ("s6", "#666666", "#d9d9d9"),
  ]

  /// The style of drawings, in pages and in files of their own.
  ///
  /// Each colour stands there twice, for programs that draw SVG and know no variables of CSS.
  static let sheet: String = {
    func variables(_ colour: KeyPath<(name: String, light: String, dark: String), String>) -> String {
      ":root{" + colours.map { "--\($0.name):\($0[keyPath: colour])" }.joined(separator: ";") + "}"
    }
    let series = (0..<seriesCount).map {
      ".curve.s\($0){stroke:var(--s\($0))}.band.s\($0){fill:var(--s\($0));stroke:var(--s\($0))}.dot.s\($0){fill:var(--s\($0))}"
    }
    var rules = fixedRules + series.joined(separator: "\n")
    for colour in colours {
      for property in ["fill", "stroke"] {
        let variable = "\(property):var(--\(colour.name))"
        rules.replace(variable, with: "\(property):\(colour.light);\(variable)")
      }
    }
    return "\(variables(\.light))\n@media (prefers-color-scheme:dark){\(variables(\.dark))}\n\(rules)"
  }()

  private static let fixedRules = """
    svg{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow:visible}
    svg text{fill:var(--soft)}svg text.name{fill:var(--ink)}svg text.title{fill:var(--ink);font-size:13px;font-weight:600}
    svg text.bright{fill:#fff}svg text.dark{fill:#000}
    .ground{fill:var(--ground)}.grid{stroke:var(--line)}.axis{stroke:var(--soft)}
    .boundary{stroke:var(--soft);stroke-dasharray:3 3}.level{stroke:var(--bad);stroke-dasharray:6 3}
    .hover{fill:#000;fill-opacity:0}.hover:hover{fill:var(--soft);fill-opacity:.15}
    .lost{stroke:var(--bad);stroke-width:1.5;fill:none}.none{fill:none;stroke:var(--line)}
    .cell{stroke:var(--ground)}
    .curve{fill:none;stroke-width:1.6;stroke-linejoin:round}
    .band{fill-opacity:.25;stroke-width:.7;stroke-opacity:.5}
    .dot{stroke:var(--ground);stroke-width:.7}
    .curve.s1{stroke-dasharray:7 2}.curve.s2{stroke-dasharray:2 2}.curve.s3{stroke-dasharray:7 2 2 2}
    .curve.s4{stroke-dasharray:4 2}.curve.s5{stroke-dasharray:1 2}.curve.s6{stroke-dasharray:10 3}

    """

  /// A point of a curve; its outline differs from series to series, as its colour does.
  static func dot(_ x: Double, _ y: Double, series: Int) -> Markup {
    let outlines = [
      "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0", "m-2.7 -2.7h5.4v5.4h-5.4z", "m0 -3.6l3.4 6h-6.8z",
      "m0 -3.8l3.8 3.8l-3.8 3.8l-3.8 -3.8z",
    ]
    return .path(
      "dot s\(series % seriesCount)",
      "M\(NumberLabel.place(x)) \(NumberLabel.place(y))\(outlines[series % outlines.count])")
  }

  /// Viridis (van der Walt & Smith 2015) at every eighth: even steps for every eye, and in print.
  private static let viridis: [(Double, Double, Double)] = [
    (68, 1, 84), (71, 44, 122), (59, 81, 139), (44, 113, 142), (33, 144, 141), (39, 173, 129), (92, 200, 99),
    (170, 220, 50), (253, 231, 37),
  ]

  /// The colour of a value from 0 (dark) to 1 (bright), and whether white text stands out on it more than black does: the
  /// better of both has a contrast of 4.58 at least, whatever the value.
  static func heat(_ value: Double) -> (fill: String, wantsBrightText: Bool) {
    let place = min(1, max(0, value.isFinite ? value : 0)) * Double(viridis.count - 1)
    let index = min(viridis.count - 2, Int(place)), part = place - Double(index)
    func mixed(_ channel: KeyPath<(Double, Double, Double), Double>) -> Int {
      let (a, b) = (viridis[index][keyPath: channel], viridis[index + 1][keyPath: channel])
      return Int((a + (b - a) * part).rounded())
    }
    let (red, green, blue) = (mixed(\.0), mixed(\.1), mixed(\.2))
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    // (1 + 0.05) / (L + 0.05) = (L + 0.05) / (0 + 0.05), WCAG's contrasts with white and with black, gives this L.
    return ("rgb(\(red),\(green),\(blue))", luminance < 0.1791)
  }

  /// sRGB's inverse transfer function (IEC 61966-2-1), as WCAG's relative luminance takes it.
  private static func linear(_ channel: Int) -> Double {
    let value = Double(channel) / 255
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }
}
