import Foundation

/// Colours that people who see few of them can tell apart, on light and on dark ground.
enum Palette {
  /// Curves have one of so many colours and dashes. The hues are near Okabe & Ito's (2008); lightness was searched so that
  /// any two stay 20 (CIE76) or more apart also as deuteranopes, protanopes and tritanopes see them (Machado 2009), and
  /// each has a contrast of 3 with the panel.
  static let seriesCount = 7

  /// The style of drawings, in pages and in files of their own.
  static let sheet: StaticString = """
    :root{--ink:#1d2329;--soft:#56606b;--line:#dfe3e8;--ground:#fff;--panel:#f6f7f9;--link:#0060a8;--good:#00664a;--bad:#a33c00;\
    --s0:#024598;--s1:#8a2800;--s2:#14a159;--s3:#3a1f34;--s4:#9f8f0f;--s5:#377cf6;--s6:#666666}
    @media (prefers-color-scheme:dark){:root{--ink:#e7eaee;--soft:#a3adb8;--line:#39424c;--ground:#14181c;--panel:#1b2026;\
    --link:#7cc0ff;--good:#4fc9a0;--bad:#ff9a5c;\
    --s0:#73c4fa;--s1:#e74f25;--s2:#14fc72;--s3:#d955a1;--s4:#b49474;--s5:#2080fc;--s6:#d9d9d9}}
    svg{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow:visible}
    svg text{fill:var(--soft)}svg text.name{fill:var(--ink)}svg text.title{fill:var(--ink);font-size:13px;font-weight:600}
    svg text.bright{fill:#fff}svg text.dark{fill:#000}
    .ground{fill:var(--ground)}.grid{stroke:var(--line)}.axis{stroke:var(--soft)}
    .boundary{stroke:var(--soft);stroke-dasharray:3 3}.level{stroke:var(--bad);stroke-dasharray:6 3}
    .hover{fill:transparent}.hover:hover{fill:var(--soft);fill-opacity:.15}
    .lost{stroke:var(--bad);stroke-width:1.5;fill:none}.none{fill:none;stroke:var(--line)}
    .cell{stroke:var(--ground)}
    .s0{--own:var(--s0)}.s1{--own:var(--s1)}.s2{--own:var(--s2)}.s3{--own:var(--s3)}.s4{--own:var(--s4)}.s5{--own:var(--s5)}
    .s6{--own:var(--s6)}
    .curve{fill:none;stroke:var(--own);stroke-width:1.6;stroke-linejoin:round}
    .band{fill:var(--own);fill-opacity:.25;stroke:var(--own);stroke-width:.7;stroke-opacity:.5}
    .dot{fill:var(--own);stroke:var(--ground);stroke-width:.7}
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
