/// How RULER sums up the scores at several lengths.
public enum RULERScore {
  /// Llama-2-7B-chat at 4K, in per cent: what a model must exceed for a length to count as used.
  public static let threshold = 85.6

  /// Weighted means over scores in ascending order of length: the weight grows by one from length to length
  /// (`increasing`), or falls by one (`decreasing`); nil without scores.
  public static func weightedMeans(_ scores: [Double]) -> (increasing: Double, decreasing: Double)? {
    guard !scores.isEmpty else { return nil }
    let sum = Double(scores.count * (scores.count + 1) / 2)
    let rising = scores.enumerated().reduce(0) { $0 + Double($1.offset + 1) * $1.element }
    let falling = scores.enumerated().reduce(0) { $0 + Double(scores.count - $1.offset) * $1.element }
    return (rising / sum, falling / sum)
  }

  /// The greatest length whose score exceeds the threshold; nil when none does.
  public static func effectiveLength(_ scores: [(length: Int, score: Double)], threshold: Double) -> Int? {
    scores.filter { $0.score > threshold }.map(\.length).max()
  }
}
