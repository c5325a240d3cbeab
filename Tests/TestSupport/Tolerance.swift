/// How far Float results may lie from those computed in Double: one table for every test.
public enum Tolerance {
  /// The largest error of an element, relative to the larger of its size and the root mean square of all elements,
  /// when each is a sum of `length` rounded terms.
  public static func relative(accumulating length: Int) -> Double {
    switch length {
    case ...1: 5e-7  // a few roundings of 6e-8 each
    case ...64: 1e-6
    case ...1024: 3e-6
    case ...16_384: 1e-5
    default: 3e-5
    }
  }

  /// The error of a slope in one random direction, relative to the gradient's norm.
  public static let slope = 1e-5

  /// What is wrong with `actual`, or nil when every element is within the table's tolerance. Values below `floor`
  /// count as that large: where terms cancel, their rounding remains.
  public static func mismatch(
    _ actual: [Float], _ expected: [Double], accumulating length: Int = 1, floor: Double = 0
  ) -> String? {
    mismatch(actual.map(Double.init), expected, within: relative(accumulating: length), floor: floor)
  }

  /// As above with a tolerance of its own.
  public static func mismatch(
    _ actual: [Double], _ expected: [Double], within tolerance: Double, floor: Double = 0
  ) -> String? {
    guard actual.count == expected.count else { return "\(actual.count) values instead of \(expected.count)" }
    let rms = norm(expected) / Double(max(1, expected.count)).squareRoot()
    var worst = (error: 0.0, index: -1)
    for i in actual.indices {
      let error = abs(actual[i] - expected[i]) / max(abs(expected[i]), rms, floor, .leastNormalMagnitude)
      if !(error <= worst.error) { worst = (error, i) }
      if error.isNaN { break }
    }
    guard !(worst.error <= tolerance) else { return nil }
    return "value \(worst.index) of \(actual.count) is \(actual[worst.index]), expected \(expected[worst.index]): "
      + "relative error \(worst.error), allowed \(tolerance)"
  }

  /// ‖actual − expected‖ / ‖expected‖.
  public static func relativeNorm(_ actual: [Double], _ expected: [Double]) -> Double {
    guard actual.count == expected.count else { return .infinity }
    return norm(zip(actual, expected).map(-)) / max(norm(expected), .leastNormalMagnitude)
  }

  /// √Σx².
  public static func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
