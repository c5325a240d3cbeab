import Metrics
import Report
import Testing

@Suite struct ChartTests {
  private func curves(_ steps: [StepRecord]...) throws -> [(name: String, elements: Elements)] {
    let runs = steps.enumerated().map { TrainingCurves.Run(name: "run \($0)", steps: $1) }
    return try TrainingCurves(runs).figures.map { figure in
      (figure.name, try Elements(body(html(ReportSection("x", figures: [figure])))))
    }
  }

  @Test func `a spike of one step among a hundred thousand is drawn, and little else`() throws {
    var steps = (1...100_000).map { StepRecord.step($0, loss: 2 + 0.001 * Double($0 % 7)) }
    steps[54_321].loss = 19.25
    steps[77_777].loss = 0.125
    let figure = try #require(TrainingCurves([.init(name: "long", steps: steps)]).figures.first)
    let page = html(ReportSection("x", figures: [figure]))
    #expect(page.utf8.count < 120_000, "\(page.utf8.count) bytes")
    let elements = try Elements(body(page))
    #expect(
      elements.titles.contains { $0.contains("to 19.25)") } && elements.titles.contains { $0.contains("(0.125 to") })
    #expect(elements.count("path", "band") == 1 && elements.count("path", "curve") == 1)
    #expect(elements.count("rect", "hover") == 300)
    // Both ends of the run have their column.
    #expect(
      elements.titles.contains { $0.hasPrefix("step 1–") } && elements.titles.contains { $0.contains("–100000:") })
  }

  @Test func `what is no number interrupts the curve and is marked`() throws {
    let losses = [3, 2.5, .nan, .infinity, 2, 1.5, .nan, 1.25]
    let chart = try #require(try curves(losses.enumerated().map { .step($0.offset + 1, loss: $0.element) }).first)
    #expect(chart.elements.count("path", "lost") == 3)
    #expect(chart.elements.count("path", "curve") == 2)  // the last value stands alone, as a dot
    #expect(chart.elements.count("path", "dot") == 5)
    #expect(chart.elements.titles.filter { $0.contains("not finite") }.count == 3)
    #expect(chart.elements.texts.contains("3 steps whose loss was not finite"))
    #expect(!chart.elements.attributes.contains { $0.values.contains { $0.contains("nan") || $0.contains("inf") } })
  }

  @Test(arguments: [
    [2.5], [.nan], [], [0], [-1], [1e300], [.leastNonzeroMagnitude, 1e308], [.infinity, -.infinity], [7, 7, 7, 7],
  ])
  func `any run is drawn, however short or strange`(losses: [Double]) throws {
    let charts = try curves(losses.enumerated().map { .step($0.offset + 1, loss: $0.element, rate: $0.element) })
    #expect(charts.count == (losses.isEmpty ? 0 : 4))
    for chart in charts {
      for attributes in chart.elements.attributes {
        for value in attributes.values {
          #expect(!value.contains("nan") && !value.contains("inf"), "\(chart.name): \(attributes)")
        }
      }
    }
    if losses.count == 1, losses[0].isFinite { #expect(charts[0].elements.count("path", "dot") == 1) }
  }

  @Test(arguments: [
    [2.3001, 2.3008], [12_345, 12_346], [0.1234561, 0.1234569], [-5.00001, -5], [1_000_000, 1_000_100],
  ])
  func `ticks close to each other are told apart`(values: [Double]) throws {
    let chart = LineChart(
      x: "x", .linear, y: "y", .linear, [.init("one", values.enumerated().map { .init(Double($0.offset), $0.element) })]
    )
    let elements = try Elements(body(html(ReportSection("x", figures: [.init("c", "", chart.drawing)]))))
    let labels = elements.labels.filter { $0.attributes["text-anchor"] == "end" }.map(\.text)
    #expect(labels.count >= 3 && Set(labels).count == labels.count, "\(labels)")
    // What is said of the points is no coarser.
    #expect(Set(elements.titles.compactMap { $0.split(separator: ": ").last }).count == 2, "\(elements.titles)")
  }

  @Test func `stages are marked where they begin, names as far as there is room`() throws {
    let steps = (1...90).map { StepRecord.step($0, stage: 1 + ($0 - 1) / 30, loss: 1 / Double($0)) }
    let chart = try #require(try curves(steps).first)
    #expect(chart.elements.count("line", "boundary") == 3)
    #expect(chart.elements.texts.contains("s2") && chart.elements.texts.contains("s3"))
    let many = (1...1000).map { StepRecord.step($0, stage: $0, loss: 1) }
    let crowded = try #require(try curves(many).first)
    #expect(crowded.elements.count("line", "boundary") == 1000)
    #expect(crowded.elements.names.count { $0 == "text" } < 60)
  }

  @Test func `several runs have curves, points and a legend that tell them apart`() throws {
    let one = (1...5).map { StepRecord.step($0, loss: Double($0)) }
    let chart = try #require(try curves(one, one, one).first)
    let kinds = Set(chart.elements.attributes.compactMap { $0["class"] }.filter { $0.hasPrefix("curve") })
    #expect(kinds == ["curve s0", "curve s1", "curve s2"])
    #expect(chart.elements.texts.contains("run 2"))
    #expect(chart.elements.titles.contains("run 0, step 3: 3\nrun 1, step 3: 3\nrun 2, step 3: 3"))
    let outlines = Set(
      zip(chart.elements.names, chart.elements.attributes).compactMap { name, attributes -> String? in
        guard name == "path", let kind = attributes["class"], kind.hasPrefix("dot") else { return nil }
        return attributes["d"].map { String($0.drop { $0 != "m" }) }
      })
    #expect(outlines.count == 3)
  }

  @Test func `a heat map has the colours and numbers of its cells, and says where nothing was measured`() throws {
    let map = HeatMap(
      x: "length", ["1K", "2K"], y: "depth", ["0 %", "100 %"],
      cells: [[.init(1, detail: "all"), .init(0, detail: "none <b>")], [nil, .init(0.5, detail: "half")]])
    let elements = try Elements(body(html(ReportSection("x", figures: [.init("map", "", map.drawing)]))))
    let fills = zip(elements.attributes, elements.names).filter { $1 == "rect" }.compactMap { $0.0["fill"] }
    #expect(Array(fills.prefix(3)) == ["rgb(253,231,37)", "rgb(68,1,84)", "rgb(33,144,141)"])
    #expect(elements.count("rect", "none") == 1)
    for title in ["all", "none <b>", "half", "not measured"] { #expect(elements.titles.contains(title)) }
    for text in ["1K", "2K", "0 %", "100 %", "depth", "length"] { #expect(elements.texts.contains(text)) }
    let wide = HeatMap(
      x: "x", (0..<200).map { "\($0)" }, y: "y", (0..<100).map { "\($0)" },
      cells: (0..<100).map { y in (0..<200).map { x in .init(Double(x * y) / 20_000, detail: "") } })
    #expect(
      try Elements(body(html(ReportSection("x", figures: [.init("map", "", wide.drawing)])))).names.count > 20_000)
  }

  @Test(arguments: [[1024, 16_384], [3, 1_000_000], [131_072, 1_048_576]])
  func `no label of an axis passes the drawing's edge, whatever the font`(places: [Double]) throws {
    let chart = LineChart(
      x: "length", .tokens, y: "y", .automatic, [.init("one", places.map { .init($0, $0) })])
    let labels = try Elements(body(html(ReportSection("x", figures: [.init("c", "", chart.drawing)])))).labels
    #expect(labels.count > 4)
    for label in labels where label.attributes["class"] == nil {
      // DejaVu Sans, the widest of the style sheet, has digits of 7.0 units here.
      let x = try #require(label.attributes["x"].flatMap(Double.init)), width = 7.0 * Double(label.text.count)
      let left = ["start": x, "middle": x - width / 2, "end": x - width][label.attributes["text-anchor"] ?? ""]
      #expect(try #require(left) >= 0 && #require(left) + width <= 400, "\(label)")
    }
  }

  @Test func `a scale that is logarithmic says so, and the edges of a scale are round numbers`() throws {
    func labels(_ values: [Double]) throws -> [String] {
      let chart = LineChart(
        x: "x", .linear, y: "loss", .automatic,
        [.init("one", values.enumerated().map { .init(Double($0.offset), $0.element) })])
      return try Elements(body(html(ReportSection("x", figures: [.init("c", "", chart.drawing)])))).labels.map(\.text)
    }
    let even = try labels([0.73, 3.2]), wide = try labels([0.013, 4.1])
    #expect(even.contains("loss") && even.contains("0.5") && even.contains("3.5"), "\(even)")
    #expect(wide.contains("loss, logarithmic scale") && wide.contains("0.01") && wide.contains("5"), "\(wide)")
  }
}
