/// Confidence intervals of proportions, at 95 %.
public enum Wilson {
  private static let z = 1.959963984540054

  /// Wilson's interval (1927) for a proportion of `count` tries; the whole of 0...1 without any.
  ///
  /// Scores between 0 and 1 count as parts of a success, for which the interval is a little too wide.
  public static func interval(_ proportion: Double, count: Int) -> ClosedRange<Double> {
    guard count > 0 else { return 0...1 }
    let n = Double(count), z2 = z * z
    let center = (proportion + z2 / (2 * n)) / (1 + z2 / n)
    let half = z / (1 + z2 / n) * (max(0, proportion * (1 - proportion) / n + z2 / (4 * n * n))).squareRoot()
    return max(0, center - half)...min(1, max(center - half, center + half))
  }

  /// Newcombe's interval (1998, method 10) for the difference b − a of two independent proportions.
  ///
  /// Two models that were asked the same questions differ less by chance, so it errs to the safe side.
  public static func difference(
    _ a: (proportion: Double, count: Int), _ b: (proportion: Double, count: Int)
  ) -> ClosedRange<Double> {
    let (first, second) = (interval(a.proportion, count: a.count), interval(b.proportion, count: b.count))
    func root(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
    let difference = b.proportion - a.proportion
    return
      (difference - root(b.proportion - second.lowerBound, first.upperBound - a.proportion))...(difference
      + root(second.upperBound - b.proportion, a.proportion - first.lowerBound))
  }
}
