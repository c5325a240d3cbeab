import Foundation

/// How values of one direction of a chart become places, and where its ticks stand.
public struct Axis: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    case linear
    /// Linear, with room for some values whatever the others are.
    case including(ClosedRange<Double>)
    /// Powers of two: numbers of tokens.
    case tokens
    /// Logarithmic where all values are above zero and the greatest is far above the least, else linear. Ends are round
    /// numbers, so that the edge of the chart is no unknown value.
    case automatic
  }
  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  let ticks: [Tick]
  /// Significant digits that tell neighbouring ticks apart.
  private let digits: Int

  struct Tick: Equatable, Sendable {
    var value: Double
    var label: String
  }

  /// An axis with room for all values; those that are not finite are passed over.
  init(_ kind: Kind, _ values: some Sequence<Double>) {
    var low = Double.infinity, high = -Double.infinity
    for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
    if low > high { (low, high) = (0, 1) }
    let canBeLogarithmic = low > 0
    switch kind {
    case .tokens: isLogarithmic = canBeLogarithmic
    case .automatic: isLogarithmic = canBeLogarithmic && high / low > 30
    case .linear: isLogarithmic = false
    case .including(let values):
      isLogarithmic = false
      (low, high) = (min(values.lowerBound, low), max(values.upperBound, high))
    }
    if low == high {
      // One value stands in the middle.
      let room = isLogarithmic ? low / 2 : max(low.magnitude / 2, 0.5)
      (low, high) = (low - room, high + room)
    }
    let step = Self.step(low...high)
    if kind == .automatic {
      let ends = isLogarithmic ? Self.roundedByOneTwoFive(low...high) : Self.rounded(low...high, by: step)
      if ends.low < ends.high, ends.low.isFinite, ends.high.isFinite, !isLogarithmic || ends.low > 0 {
        (low, high) = ends
      }
    }
    range = low...high
    let digits = isLogarithmic ? 4 : Self.digits(range, step)
    self.digits = digits
    switch (isLogarithmic, kind) {
    case (true, .tokens): ticks = Self.powersOfTwo(range)
    case (true, _): ticks = Self.decades(range)
    case (false, .tokens): ticks = Self.linearTicks(range, step, Self.tokens)
    case (false, _): ticks = Self.linearTicks(range, step) { NumberLabel.short($0, digits: digits) }
    }
  }

  /// A value with as many digits as the ticks have.
  func label(_ value: Double) -> String { NumberLabel.short(value, digits: digits) }

  /// 0 at the lower end, 1 at the upper.
  func position(_ value: Double) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    return isLogarithmic ? (log(value) - log(low)) / (log(high) - log(low)) : (value - low) / (high - low)
  }

  /// From tick to tick of a linear axis: 1, 2 or 5 times a power of ten, four to nine times in the range.
  private static func step(_ range: ClosedRange<Double>) -> Double {
    let rough = (range.upperBound - range.lowerBound) / 5, power = pow(10, floor(log10(rough)))
    return ([1, 2, 5, 10].first { $0 * power >= rough } ?? 10) * power
  }

  private static func digits(_ range: ClosedRange<Double>, _ step: Double) -> Int {
    let greatest = max(range.lowerBound.magnitude, range.upperBound.magnitude)
    let places = floor(log10(greatest)) - floor(log10(step)) + 1
    return places.isFinite ? Int(min(17, max(4, places))) : 4
  }

  /// Multiples of the step.
  private static func linearTicks(
    _ range: ClosedRange<Double>, _ step: Double, _ label: (Double) -> String
  ) -> [Tick] {
    guard step > 0, step.isFinite else { return [] }
    let first = (range.lowerBound / step).rounded(.up), last = (range.upperBound / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 20 else { return [] }
    return stride(from: first, through: last, by: 1).map { Tick(value: $0 * step, label: label($0 * step)) }
  }

  /// The range, out to multiples of the step.
  private static func rounded(_ range: ClosedRange<Double>, by step: Double) -> (low: Double, high: Double) {
    ((range.lowerBound / step).rounded(.down) * step, (range.upperBound / step).rounded(.up) * step)
  }

  /// The range, out to 1, 2 or 5 times a power of ten.
  private static func roundedByOneTwoFive(_ range: ClosedRange<Double>) -> (low: Double, high: Double) {
    func around(_ value: Double) -> [Double] { [1, 2, 5, 10].map { $0 * pow(10, floor(log10(value))) } }
    let (low, high) = (range.lowerBound, range.upperBound)
    return (around(low).last { $0 <= low } ?? low, around(high).first { $0 >= high } ?? high)
  }

  private static func tokens(_ value: Double) -> String {
    Int(exactly: value).map(NumberLabel.tokens) ?? NumberLabel.short(value)
  }

  private static func decades(_ range: ClosedRange<Double>) -> [Tick] {
    let decades = Int(floor(log10(range.lowerBound)))...Int(ceil(log10(range.upperBound)))
    func places(_ steps: [Double], apart: Int) -> [Double] {
      decades.filter { ($0 - decades.lowerBound) % apart == 0 }.flatMap { power in
        steps.map { $0 * pow(10, Double(power)) }
      }.filter(range.contains)
    }
    let dense = places([1, 2, 5], apart: 1)
    let all = dense.count <= 9 ? dense : places([1], apart: max(1, decades.count / 6))
    return all.map { Tick(value: $0, label: NumberLabel.short($0)) }
  }

  private static func powersOfTwo(_ range: ClosedRange<Double>) -> [Tick] {
    let first = Int(ceil(log2(range.lowerBound) - 1e-9)), last = Int(floor(log2(range.upperBound) + 1e-9))
    guard first <= last else { return linearTicks(range, step(range), tokens) }
    let apart = max(1, (last - first + 6) / 6)
    return stride(from: first, through: last, by: apart).map { power in
      let value = exp2(Double(power))
      return Tick(value: value, label: tokens(value))
    }
  }
}
