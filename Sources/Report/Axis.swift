import Foundation

/// How values of one direction of a chart become places, and where its ticks stand.
public struct Axis: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    case linear
    /// Linear, with room for some values whatever the others are.
    case including(ClosedRange<Double>)
    /// Powers of two: numbers of tokens.
    case tokens
    /// Logarithmic where all values are above zero and the greatest is far above the least, else linear.
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
    range = low...high
    let digits = isLogarithmic ? 4 : Self.digits(range)
    self.digits = digits
    switch (isLogarithmic, kind) {
    case (true, .tokens): ticks = Self.powersOfTwo(range)
    case (true, _): ticks = Self.decades(range)
    case (false, .tokens): ticks = Self.linearTicks(range, Self.tokens)
    case (false, _): ticks = Self.linearTicks(range) { NumberLabel.short($0, digits: digits) }
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

  private static func digits(_ range: ClosedRange<Double>) -> Int {
    let greatest = max(range.lowerBound.magnitude, range.upperBound.magnitude)
    let places = floor(log10(greatest)) - floor(log10(step(range))) + 1
    return places.isFinite ? Int(min(17, max(4, places))) : 4
  }

  /// Multiples of the step.
  private static func linearTicks(_ range: ClosedRange<Double>, _ label: (Double) -> String) -> [Tick] {
    let step = step(range)
    guard step > 0, step.isFinite else { return [] }
    let first = (range.lowerBound / step).rounded(.up), last = (range.upperBound / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 20 else { return [] }
    return stride(from: first, through: last, by: 1).map { Tick(value: $0 * step, label: label($0 * step)) }
  }

  private static func tokens(_ value: Double) -> String {
    Int(exactly: value).map(NumberLabel.tokens) ?? NumberLabel.short(value)
  }

  private static func decades(_ range: ClosedRange<Double>) -> [Tick] {
    let decades = Int(floor(log10(range.lowerBound)))...Int(ceil(log10(range.upperBound)))
    let steps: [Double] = decades.count <= 3 ? [1, 2, 5] : [1]
    let apart = max(1, decades.count / 6)
    let all = decades.filter { ($0 - decades.lowerBound) % apart == 0 }.flatMap { power in
      steps.map { $0 * pow(10, Double(power)) }
    }
    return all.filter(range.contains).map { Tick(value: $0, label: NumberLabel.short($0)) }
  }

  private static func powersOfTwo(_ range: ClosedRange<Double>) -> [Tick] {
    let first = Int(ceil(log2(range.lowerBound) - 1e-9)), last = Int(floor(log2(range.upperBound) + 1e-9))
    guard first <= last else { return linearTicks(range, tokens) }
    let apart = max(1, (last - first + 6) / 6)
    return stride(from: first, through: last, by: apart).map { power in
      let value = exp2(Double(power))
      return Tick(value: value, label: tokens(value))
    }
  }
}
