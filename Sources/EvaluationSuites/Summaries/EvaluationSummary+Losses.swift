extension EvaluationSummary {
  /// Perplexities by position and in all, and agreement with the base model.
  static func lossRows(_ records: [EvaluationRecord], _ models: [String]) -> [Row] {
    var rows: [Row] = []
    func row(
      _ place: TestCoordinates, _ task: String, _ metric: Metric, positions: Range<Int>? = nil,
      _ value: (String) -> TokenMean?
    ) {
      var values: [Value] = []
      for model in models {
        guard let (number, count) = value(model), count > 0 else { continue }
        var entry = Value(model: model, value: number, count: count)
        if let first = values.first, first.model == models[0] { entry.difference = number - first.value }
        values.append(entry)
      }
      if !values.isEmpty {
        rows.append(
          Row(
            suite: place.suite, task: task, length: place.length, positions: positions, metric: metric, values: values))
      }
    }
    for group in grouped(records.filter { $0.buckets != nil }) {
      let place = group[0].coordinates
      let spans = group.first.flatMap { $0.buckets } ?? []
      func perplexity(_ isIn: @escaping (PositionBucket) -> Bool) -> (String) -> TokenMean? {
        { model in group.filter { $0.model == model }.flatMap { $0.buckets ?? [] }.filter(isIn).perplexity }
      }
      row(place, place.task, .perplexity, perplexity { _ in true })
      if place.task == Perplexity.position {
        for span in spans {
          row(
            place, "at \(span.start)–\(span.end - 1)", .perplexity, positions: span.start..<span.end,
            perplexity { $0.start == span.start })
        }
      }
    }
    for group in grouped(records.filter { $0.agreement != nil }) {
      let place = group[0].coordinates
      func mean(_ figure: @escaping (EvaluationRecord.Agreement) -> Double) -> (String) -> TokenMean? {
        { model in group.filter { $0.model == model }.compactMap(\.agreement).mean(figure) }
      }
      row(place, place.task, .divergence, mean(\.divergence))
      row(place, place.task, .sameTop, mean(\.sameTop))
    }
    return rows
  }

  /// Records of one suite, task and length together, ascending by length.
  private static func grouped(_ records: [EvaluationRecord]) -> [[EvaluationRecord]] {
    struct Key: Hashable {
      var suite: String, task: String, length: Int
    }
    return Dictionary(grouping: records) {
      Key(suite: $0.coordinates.suite, task: $0.coordinates.task, length: $0.coordinates.length)
    }.sorted { ($0.key.suite, $0.key.task, $0.key.length) < ($1.key.suite, $1.key.task, $1.key.length) }.map(\.value)
  }
}
