extension EvaluationRecord {
  /// What no measurement gives, such as `answer.score is 7.0, allowed is 0.0 to 1.0`; nil for a record that one gave.
  var fault: String? {
    func outside<Number: Comparable>(_ name: String, _ value: Number?, _ range: ClosedRange<Number>) -> String? {
      guard let value, !range.contains(value) else { return nil }
      return "\(name) is \(value), allowed is \(range.lowerBound) to \(range.upperBound)"
    }
    // No sum of such counts overflows.
    let counts = 0...1 << 40, place = coordinates
    var faults = [
      outside("coordinates.length", place.length, counts), outside("coordinates.units", place.units, counts),
      outside("coordinates.depth", place.depth, 0...100), outside("coordinates.sample", place.sample, counts),
      outside("answer.score", answer?.score, 0...1), outside("answer.promptTokens", answer?.promptTokens, counts),
      outside("agreement.tokens", agreement?.tokens, counts),
    ]
    for bucket in buckets ?? [] {
      faults.append(outside("buckets.end", bucket.end, counts))
      faults.append(outside("buckets.start", bucket.start, 0...max(0, bucket.end)))
      faults.append(outside("buckets.tokens", bucket.tokens, counts))
    }
    return faults.lazy.compactMap(\.self).first
  }
}
