import EvaluationSuites
import Report
import Testing

@Suite struct EvaluationViewTests {
  /// Two models: one finds all, the other nothing at the end of 2,048 tokens.
  private var records: [EvaluationRecord] {
    var records: [EvaluationRecord] = []
    for model in ["base", "tuned"] {
      for length in [1024, 2048] {
        for depth in [0.0, 50, 100] {
          for sample in 0..<2 {
            let found = model == "tuned" || length == 1024 || depth < 100
            records.append(
              EvaluationRecord(
                model: model, .init(suite: "passkey", task: "passkey", length: length, depth: depth, sample: sample),
                seconds: 1,
                answer: .init(
                  promptTokens: length, expected: ["7"], text: found ? "7" : "8", scoring: .firstInteger,
                  score: found ? 1 : 0)))
          }
        }
        for task in ["vt", "cwe"] {
          records.append(
            EvaluationRecord(
              model: model, .init(suite: "ruler", task: task, length: length, sample: 0), seconds: 1,
              answer: .init(
                promptTokens: length, expected: ["x"], text: "x", scoring: .allContained,
                score: model == "tuned" ? 1 : 0.5)))
        }
        records.append(
          EvaluationRecord(
            model: model, .init(suite: "perplexity", task: "position", length: length, sample: 0), seconds: 1,
            buckets: PositionBucket.doubling(to: length).map {
              PositionBucket(start: $0.start, end: $0.end, tokens: 10, loss: model == "tuned" ? 10 : 20)
            }))
      }
      records.append(
        EvaluationRecord(
          model: model, .init(suite: "short", task: "native", length: 512, sample: 0), seconds: 1,
          buckets: [PositionBucket(start: 0, end: 512, tokens: 511, loss: model == "base" ? 511 : 1022)],
          agreement: model == "base" ? nil : .init(base: "base", tokens: 512, divergence: 0.125, sameTop: 0.75)))
    }
    return records
  }
  private var views: EvaluationViews { EvaluationViews(EvaluationSummary(records, models: ["base", "tuned"])) }

  @Test func `heat maps are of each task and model, lengths across and depths down`() throws {
    let grids = views.grids("passkey")
    #expect(grids.map(\.model) == ["base", "tuned"])
    #expect(grids[0].map.columns == ["1K", "2K"] && grids[0].map.rows == ["0 %", "50 %", "100 %"])
    #expect(grids[0].map.cells.map { $0.map { $0?.value } } == [[1, 1], [1, 1], [1, 0]])
    #expect(grids[0].map.cells[2][1]?.detail.contains("passkey at 2048 tokens, depth 100 %: 0 % of 2") == true)
    #expect(views.grids("ruler").isEmpty)
  }

  @Test func `RULER's table has tasks by length and their mean against the threshold`() throws {
    let base = try #require(views.rulerTable("base")), tuned = try #require(views.rulerTable("tuned"))
    #expect(base.heading == ["task", "1K", "2K"])
    #expect(
      base.rows.map { $0.map(\.text) } == [
        ["vt", "50.0", "50.0"], ["cwe", "50.0", "50.0"], ["mean of 2 tasks", "50.0", "50.0"],
      ])
    #expect(base.rows[2][1].isGood == false && tuned.rows[2][1].isGood == true)
    #expect(views.rulerTable("other") == nil)
  }

  @Test(arguments: ["passkey", "ruler"])
  func `below the pictures stands every number with the difference from the first model`(suite: String) throws {
    let section = try #require(views.sections.first { $0.title == suite })
    let last = try #require(section.tables.last)
    #expect(
      last.heading == [
        "task", "length", "answers", "base", "95 % interval", "tuned", "95 % interval", "difference", "95 % interval",
      ])
    #expect(last.rows.count == views.summary.rows.count { $0.suite == suite })
    #expect(last.rows.allSatisfy { $0.dropFirst(7).first?.text.hasPrefix("+") == true })
  }

  @Test func `perplexity is drawn by position for every model, the short panel gives ratios`() throws {
    let section = try #require(views.sections.first { $0.title == "perplexity" })
    #expect(section.figures.map(\.name) == ["Perplexity by position, 1K tokens", "Perplexity by position, 2K tokens"])
    let elements = try Elements(body(html(section)))
    #expect(elements.titles.contains("base, position 128: 7.389\ntuned, position 128: 2.718"))
    // Perplexities have no interval, so there is no column for one.
    #expect(views.comparison("perplexity").heading == ["task", "length", "tokens", "base", "tuned", "difference"])
    let panel = try #require(views.shortPanel)
    #expect(panel.rows[0].map(\.text) == ["base", "511", "2.718", "1.0000", "–", "–"])
    #expect(panel.rows[1].map(\.text) == ["tuned", "511", "7.389", "2.7183", "0.12500", "75 %"])
  }

  @Test func `tests of exact numbers have a curve for each task`() throws {
    let records = [("lines", 200), ("lines", 300), ("topics", 5), ("topics", 10)].map { task, units in
      EvaluationRecord(
        model: "base", .init(suite: "longeval", task: task, units: units, length: units, sample: 0), seconds: 1,
        answer: .init(promptTokens: 20 * units, expected: ["1"], text: "1", scoring: .lastInteger, score: 1))
    }
    let views = EvaluationViews(EvaluationSummary(records, models: ["base"]))
    let section = try #require(views.sections.first)
    #expect(section.figures.map(\.name) == ["longeval lines", "longeval topics"])
    let elements = try Elements(body(html(section)))
    #expect(elements.titles.contains("length in tokens 4000: 100"), "\(elements.titles)")
    #expect(
      views.comparison("longeval").rows.map { $0[0].text } == ["lines 200", "lines 300", "topics 5", "topics 10"])
  }

  @Test func `a part of an evaluation, or one without a result, is shown as far as it goes`() throws {
    #expect(EvaluationViews(EvaluationSummary([], models: [])).sections.isEmpty)
    for count in [1, 3, 7, 15, 16] {
      let some = Array(records.prefix(count))
      let page = EvaluationViews(EvaluationSummary(some, models: ["base", "tuned"])).sections
      #expect(!page.isEmpty)
      for section in page { _ = try Elements(body(html(section))) }
    }
  }
}
