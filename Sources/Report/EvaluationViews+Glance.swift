import EvaluationSuites

extension EvaluationViews {
  /// What a reader wants to know first, as questions and answers in words: how long a text each model uses, and what
  /// the others win and lose beside the first. Empty without results.
  public var glance: [ReportSection.Answer] {
    guard let first = summary.models.first, !summary.rows.isEmpty else { return [] }
    var list: [ReportSection.Answer] = []
    func ask(_ question: String, _ answers: [String]) {
      if !answers.isEmpty { list.append(.init(question, answers)) }
    }
    for model in summary.models.dropFirst() {
      ask(
        "Does \(model) find more in long texts than \(first)?",
        tests.compactMap { difference($0, model, "the longest", \.last) })
      ask(
        "Did \(model) lose anything at short lengths, beside \(first)?",
        [shortLoss(model)]
          + tests.compactMap { scores($0, model).count > 1 ? difference($0, model, "the shortest", \.first) : nil })
    }
    for model in summary.models {
      ask("How long a text does \(model) use?", tests.compactMap { reach($0, model) } + contextUse(model))
    }
    return list
  }

  /// How `glance` is to be read.
  public static let glanceNote =
    "Used up to a length: more than half of the answers are right there and at every shorter length asked, at the lower "
    + "end of the 95 % interval too. RULER has its own threshold. Not shown: wrong, or too few answers to tell."

  /// Answers that are counted together: a suite, or a task of exact numbers of lines or topics.
  private struct Test: Hashable {
    var suite: String
    var task: String?
    var name: String { task.map { "\(suite) \($0)" } ?? suite }
  }
  private static func test(_ row: EvaluationSummary.Row) -> Test {
    Test(suite: row.suite, task: row.units == nil ? nil : row.task)
  }

  private static func interval(_ range: ClosedRange<Double>) -> String {
    interval(range.lowerBound, range.upperBound, .score)
  }

  private var tests: [Test] {
    var seen: Set<Test> = []
    return summary.rows.filter { $0.metric == .score }.map(Self.test).filter { seen.insert($0).inserted }
  }

  /// The mean of all answers at a length.
  private struct Score {
    var length: Int, value: Double, count: Int
    var interval: ClosedRange<Double> { Wilson.interval(value, count: count) }

    /// Such as `4K (90 %; 60 to 98 %)`.
    var text: String {
      "\(NumberLabel.tokens(length)) (\(NumberLabel.percent(value)); \(EvaluationViews.interval(interval)))"
    }
  }

  /// Of a model, with lengths ascending.
  private func scores(_ test: Test, _ model: String) -> [Score] {
    var sums: [Int: (score: Double, count: Int)] = [:]
    for row in summary.rows where row.metric == .score && Self.test(row) == test {
      guard let value = row.values.first(where: { $0.model == model }) else { continue }
      let sum = sums[row.length, default: (0, 0)]
      sums[row.length] = (sum.score + value.value * Double(value.count), sum.count + value.count)
    }
    return sums.sorted { $0.key < $1.key }.map {
      Score(length: $0.key, value: $0.value.score / Double($0.value.count), count: $0.value.count)
    }
  }

  private func reach(_ test: Test, _ model: String) -> String? {
    let scores = scores(test, model)
    guard let longest = scores.last else { return nil }
    if test.suite == RULERSuite.name, let ruler = summary.ruler.first(where: { $0.model == model }) {
      let reached = ruler.effectiveLength.map { "up to \(NumberLabel.tokens($0))" } ?? "not shown"
      let means = zip(ruler.lengths, ruler.scores).map { "\(NumberLabel.tokens($0)) \(NumberLabel.percent($1 / 100))" }
      return
        "\(test.name): \(reached) (threshold \(NumberLabel.short(ruler.threshold)) %; \(means.joined(separator: ", ")))"
    }
    let used = scores.prefix { $0.interval.lowerBound > 0.5 }
    let up = used.last.map { "up to \($0.text)" }
    if used.count == scores.count { return "\(test.name): \(up ?? ""), the longest asked" }
    let beyond = "not shown at \(scores[used.count].text)"
    let last = used.count + 1 < scores.count ? "; the longest asked, \(longest.text)" : ""
    return "\(test.name): " + [up, beyond].compactMap(\.self).joined(separator: ", ") + last
  }

  /// Where more text before the same tokens made them easiest to foretell.
  private func contextUse(_ model: String) -> [String] {
    let values = summary.rows.filter { $0.task == Perplexity.sliding }.compactMap { row in
      row.values.first { $0.model == model }.map { (length: row.length, value: $0.value) }
    }
    guard let best = values.min(by: { $0.value < $1.value }), let longest = values.max(by: { $0.length < $1.length }),
      values.count > 1
    else { return [] }
    func said(_ value: Double) -> String { Self.number(value, .perplexity) }
    return [
      "perplexity of the same last tokens: least in windows of \(NumberLabel.tokens(best.length)) (\(said(best.value)))"
        + (best.length < longest.length
          ? ", \(said(longest.value)) in those of \(NumberLabel.tokens(longest.length))" : ", the longest asked")
        + "; no interval"
    ]
  }

  /// Beside the first model, at one end of the lengths that both were asked.
  private func difference(_ test: Test, _ model: String, _ which: String, _ end: ([Score]) -> Score?) -> String? {
    let base = scores(test, summary.models[0])
    let own = scores(test, model).filter { score in base.contains { $0.length == score.length } }
    guard let score = end(own), let before = base.first(where: { $0.length == score.length }) else { return nil }
    let interval = Wilson.difference((before.value, before.count), (score.value, score.count))
    let verdict =
      interval.lowerBound > 0 ? "more found" : interval.upperBound < 0 ? "less found" : "no difference shown"
    return "\(test.name) at \(NumberLabel.tokens(score.length)), \(which) asked: \(verdict), "
      + "\(Self.signed(score.value - before.value, .score)) (\(Self.interval(interval)))"
  }

  private func shortLoss(_ model: String) -> String {
    func value(_ metric: EvaluationSummary.Metric, _ model: String) -> Double? {
      shortRow(metric)?.values.first { $0.model == model }?.value
    }
    guard let length = shortRow(.perplexity)?.length, let own = value(.perplexity, model),
      let base = value(.perplexity, summary.models[0])
    else { return "perplexity at the first model's own length: not measured (--suite short --data FILE)" }
    let same = value(.sameTop, model).map { ", the same next token preferred in \(Self.number($0, .sameTop))" } ?? ""
    return "perplexity at \(NumberLabel.tokens(length)): "
      + "\(NumberLabel.short(own / base, digits: 3)) times the first's\(same); no interval"
  }
}
