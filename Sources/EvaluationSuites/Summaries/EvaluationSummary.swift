import Foundation

/// What several models scored, gathered from single results.
public struct EvaluationSummary: Codable, Equatable, Sendable {
  public enum Metric: String, Codable, Sendable {
    /// Mean score of answers, 0...1.
    case score
    case perplexity
    /// KL(base ‖ model), nats.
    case divergence
    /// Part of the tokens at which model and base prefer the same.
    case sameTop = "same_top"
  }

  /// One model's value in a row.
  public struct Value: Codable, Equatable, Sendable {
    public var model: String
    public var value: Double
    /// Answers, or tokens for what is measured by token.
    public var count: Int
    /// 95 %, for scores.
    public var low: Double?, high: Double?
    /// From the first model, with its 95 %.
    public var difference: Double?, differenceLow: Double?, differenceHigh: Double?
  }

  /// One line of the comparison.
  public struct Row: Codable, Equatable, Sendable {
    public var suite: String, task: String
    /// Set where tests are made of exactly so many lines or topics.
    public var units: Int?
    /// Tokens that the tests are made for; beside `units` the longest prompt's, of any model.
    public var length: Int
    /// Set where a row is about one depth only.
    public var depth: Double?
    /// Set where a row is about some positions of the text only.
    public var positions: Range<Int>?
    public var metric: Metric
    /// In the order of the models; one that has no result is left out.
    public var values: [Value]

    /// The task, with its units: `lines 200`.
    public var taskName: String { units.map { "\(task) \($0)" } ?? task }
  }

  /// What a RULER run comes to for one model, in per cent.
  public struct RULER: Codable, Equatable, Sendable {
    public var model: String
    public var lengths: [Int]
    /// Mean over tasks at each length, and how many tasks that were: not all fit into short lengths.
    public var scores: [Double]
    public var tasks: [Int]
    public var mean: Double
    public var increasingMean: Double, decreasingMean: Double
    public var threshold: Double
    public var effectiveLength: Int?

    /// Such as `mean of 11 tasks`, `mean of 10 to 11 tasks`.
    public var meanName: String {
      let (least, most) = (tasks.min() ?? 0, tasks.max() ?? 0)
      return "mean of \(least == most ? "" : "\(least) to ")\(most) task\(most == 1 ? "" : "s")"
    }
  }

  public var models: [String]
  public var rows: [Row]
  /// The rows of answers again, by depth.
  public var depthRows: [Row]
  public var ruler: [RULER]

  /// - Parameters:
  ///   - models: in the order of the comparison; differences are from the first.
  ///   - threshold: RULER's, in per cent.
  public init(_ records: [EvaluationRecord], models: [String], threshold: Double = RULERScore.threshold) {
    self.models = models
    let known = records.filter { models.contains($0.model) }
    let rows = Self.scoreRows(known, models) { _ in nil } + Self.lossRows(known, models)
    self.rows = rows
    depthRows = Self.scoreRows(known.filter { $0.coordinates.depth != nil }, models) { $0.depth }
    ruler = models.compactMap { Self.ruler(rows, $0, threshold) }
  }

  private struct Key: Hashable {
    var suite: String, task: String, units: Int?, length: Int, depth: Double?
  }

  /// Groups in the order in which they first come, with the lengths of a task together and ascending.
  private static func groups(
    _ records: [EvaluationRecord], depth: (TestCoordinates) -> Double?
  ) -> [(key: Key, records: [EvaluationRecord])] {
    var tasks: [String: Int] = [:], groups: [Key: [EvaluationRecord]] = [:]
    for record in records {
      let place = record.coordinates
      let key = Key(
        suite: place.suite, task: place.task, units: place.units, length: place.length, depth: depth(place))
      let task = place.suite + "/" + place.task
      if tasks[task] == nil { tasks[task] = tasks.count }
      groups[key, default: []].append(record)
    }
    func rank(_ key: Key) -> (Int, Int, Int, Double) {
      (tasks[key.suite + "/" + key.task] ?? 0, key.length, key.units ?? 0, key.depth ?? 0)
    }
    return groups.map { ($0.key, $0.value) }.sorted { rank($0.0) < rank($1.0) }
  }

  private static func scoreRows(
    _ records: [EvaluationRecord], _ models: [String], depth: (TestCoordinates) -> Double?
  ) -> [Row] {
    groups(records.filter { $0.answer != nil }, depth: depth).map { key, records in
      var values: [Value] = []
      for model in models {
        let scores = records.filter { $0.model == model }.compactMap { $0.answer?.score }
        if scores.isEmpty { continue }
        let mean = scores.reduce(0, +) / Double(scores.count)
        let interval = Wilson.interval(mean, count: scores.count)
        var value = Value(
          model: model, value: mean, count: scores.count, low: interval.lowerBound, high: interval.upperBound)
        if let first = values.first, first.model == models[0] {
          let difference = Wilson.difference((first.value, first.count), (mean, scores.count))
          value.difference = mean - first.value
          (value.differenceLow, value.differenceHigh) = (difference.lowerBound, difference.upperBound)
        }
        values.append(value)
      }
      let longest = records.compactMap(\.answer?.promptTokens).max() ?? 0
      return Row(
        suite: key.suite, task: key.task, units: key.units, length: key.units == nil ? key.length : longest,
        depth: key.depth, metric: .score, values: values)
    }
  }

  private static func ruler(_ rows: [Row], _ model: String, _ threshold: Double) -> RULER? {
    var scores: [Int: [Double]] = [:]
    for row in rows where row.suite == RULERSuite.name {
      if let value = row.values.first(where: { $0.model == model }) {
        scores[row.length, default: []].append(value.value * 100)
      }
    }
    let list = scores.sorted { $0.key < $1.key }.map {
      (length: $0.key, score: $0.value.reduce(0, +) / Double($0.value.count), tasks: $0.value.count)
    }
    guard let means = RULERScore.weightedMeans(list.map(\.score)) else { return nil }
    return RULER(
      model: model, lengths: list.map(\.length), scores: list.map(\.score),
      tasks: list.map(\.tasks),
      mean: list.reduce(0) { $0 + $1.score } / Double(list.count), increasingMean: means.increasing,
      decreasingMean: means.decreasing, threshold: threshold,
      effectiveLength: RULERScore.effectiveLength(list.map { ($0.length, $0.score) }, threshold: threshold))
  }
}
