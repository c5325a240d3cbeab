import Foundation
import Report
import TestSupport
import Testing

@Suite struct PageTests {
  private static let hostile = "<script>alert('1')</script> & \"x\" ]]> \u{0}\u{1F}\u{FFFF} ä日本"

  private var section: ReportSection {
    let hostile = Self.hostile
    let chart = LineChart(
      x: hostile, .linear, y: hostile, .automatic,
      [.init(hostile, [.init(1, 2), .init(2, 3)]), .init("b", [.init(1, 1)])],
      boundaries: [.init(1, hostile)], level: .init(2.5, hostile))
    let map = HeatMap(x: hostile, [hostile], y: hostile, [hostile], cells: [[.init(0.5, detail: hostile)]])
    return ReportSection(
      hostile, notes: [hostile],
      figures: [.init(hostile, hostile, chart.drawing), .init("map", hostile, map.drawing)],
      tables: [Table(hostile, [hostile, "n"], [[.init(hostile, detail: hostile), .init(1.5)]])],
      files: [Table("file", ["a"], [[.init("1")]])], listing: hostile)
  }

  @Test func `nothing that is shown can become markup, and the page asks for nothing`() throws {
    let page = ReportPage(
      title: Self.hostile, subtitle: Self.hostile, parts: [("a", [section]), (Self.hostile, [section])])
    let html = page.html
    #expect(!html.contains("<script") && !html.contains("\u{0}") && html.contains("ä日本"))
    let elements = try Elements(body(html))
    #expect(elements.texts.contains("<script>alert('1')</script> & \"x\" ]]> "))
    let fetching = ["src", "srcset", "data", "poster", "action", "xlink:href"]
    for attributes in elements.attributes {
      #expect(fetching.allSatisfy { attributes[$0] == nil })
      #expect(attributes["href"].map { $0.hasPrefix("#part") } ?? true)
      #expect(attributes.keys.allSatisfy { !$0.hasPrefix("on") })
    }
    #expect(!html.contains("@import") && !html.contains("url(") && !html.contains("<link"))
    // The one address is the name of SVG.
    #expect(html.replacing("http://www.w3.org/2000/svg", with: "").contains("http") == false)
    #expect(html.contains("prefers-color-scheme:dark") && html.contains("name=\"viewport\""))
  }

  @Test func `beside the page stand its pictures and tables, each whole, under names of their own`() throws {
    try withTemporaryDirectory { folder in
      let page = ReportPage(title: "T", subtitle: "S", parts: [("a/../b", [section, section]), ("c", [section])])
      let (place, count) = try page.write(to: URL(filePath: folder + "/out.html"))
      #expect(place.path == folder + "/out")
      let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
      #expect(names.count == count && count == 3 * 4)
      #expect(names.contains("a-b-map.svg") && names.contains("a-b-map-2.svg") && names.contains("c-file.csv"))
      #expect(names.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } })
      for name in names where name.hasSuffix(".svg") {
        let svg = try String(contentsOfFile: place.path + "/" + name, encoding: .utf8)
        let elements = try Elements(svg)
        #expect(elements.names.first == "svg" && elements.attributes[0]["viewBox"] != nil)
        #expect(svg.contains("prefers-color-scheme:dark"))
        // librsvg and Inkscape know no variables: where one is used, the same property has a colour before it.
        let uses = svg.matches(of: /(fill|stroke):var\(--/)
        let plain = svg.matches(of: /(fill|stroke):#[0-9a-f]{6};\1:var\(--/)
        #expect(uses.count > 20 && plain.count == uses.count && !svg.contains("transparent"))
      }
      #expect(try String(contentsOfFile: folder + "/out.html", encoding: .utf8) == page.html)
      let again = try page.write(to: URL(filePath: folder + "/out.html"))
      #expect(again.files == count)
      #expect(throws: (any Error).self) { try page.write(to: URL(filePath: "/dev/null/x/y.html")) }
    }
  }

  @Test func `a quotation mark in CSV is doubled whatever follows it`() {
    let table = Table("t", ["a"], [[.init("x\"\u{301},y")]])
    #expect(table.csv.unicodeScalars.elementsEqual("a\n\"x\"\"\u{301},y\"\n".unicodeScalars), "\(table.csv)")
  }

  @Test func `tables as CSV keep every digit and quote what needs it`() {
    let table = Table(
      "t", ["a,b", "n"],
      [[.init("x\"y"), .init(1.0 / 3)], [.init("two\nlines"), .init(nil)], [.init("cr\r\n"), .init(.nan)]])
    #expect(table.csv == "\"a,b\",n\n\"x\"\"y\",0.3333333333333333\n\"two\nlines\",\n\"cr\r\n\",nan\n")
  }

  @Test(arguments: [
    (0, "0"), (1023, "1023"), (1024, "1K"), (65_536, "64K"), (1_048_576, "1M"), (1_049_600, "1025K"), (-1024, "-1024"),
  ])
  func `tokens have their own unit`(count: Int, text: String) { #expect(NumberLabel.tokens(count) == text) }

  @Test func `numbers are short, and none is lost`() {
    #expect(
      [0, 1.23456, 1234.5, 12_345, 1_234_567, 2e9, 1e-7, -12_345].map { NumberLabel.short($0) } == [
        "0", "1.235", "1234", "12.35k", "1.235M", "2G", "1e-07", "-12.35k",
      ])
    #expect([9_999.7, 9.99996e12, -9_999.96].map { NumberLabel.short($0) } == ["10k", "1e+13", "-10k"])
    #expect(NumberLabel.short(.nan) == "nan" && NumberLabel.percent(0.125) == "12 %")
  }

  @Test func `the text of every cell stands out from its colour`() throws {
    // WCAG 2.2: relative luminance, and 4.5 for text.
    func luminance(_ channels: [Double]) -> Double {
      let linear = channels.map { $0 / 255 <= 0.04045 ? $0 / 255 / 12.92 : pow(($0 / 255 + 0.055) / 1.055, 2.4) }
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
    let cells = (0...1000).map { [Table.Cell("\($0)", heat: Double($0) / 1000)] }
    let styles = try Elements(body(html(ReportSection("x", tables: [Table("t", ["a"], cells)])))).attributes
      .compactMap { $0["style"] }
    #expect(styles.count == 1001)
    for style in styles {
      let text = luminance(style.hasSuffix("#fff") ? [255, 255, 255] : [0, 0, 0])
      let ground = luminance(
        style.split { !$0.isNumber }.prefix(3).compactMap { Double($0) })
      let contrast = (max(text, ground) + 0.05) / (min(text, ground) + 0.05)
      #expect(contrast >= 4.5, "\(style): \(contrast)")
    }
  }

  @Test func `the first cell of a row is its heading, and a section's only name is not said twice`() throws {
    let elements = try Elements(
      body(
        html(
          ReportSection("Machine", tables: [Table("Machine", ["what", "value"], [[.init("threads"), .init("2")]])]))))
    let scopes = zip(elements.names, elements.attributes).compactMap { $0 == "th" ? $1["scope"] : nil }
    #expect(scopes == ["col", "col", "row"] && elements.names.count { $0 == "td" } == 1)
    #expect(!elements.names.contains("h3"))
  }
}
