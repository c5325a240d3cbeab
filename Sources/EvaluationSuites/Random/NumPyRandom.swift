/// Draws as NumPy's legacy `np.random` does after `np.random.seed(seed)`.
public struct NumPyRandom: Sendable {
  private var twister: MersenneTwister

  /// `np.random.seed(seed)`.
  public init(seed: UInt32) { twister = MersenneTwister(number: seed) }

  /// Uniform in 0...last by masks and rejection, as `randint` and `shuffle` draw.
  private mutating func upTo(_ last: Int) -> Int {
    precondition((0...Int(UInt32.max)).contains(last), "NumPyRandom: expected a range of 32 bits, got 0...\(last)")
    if last == 0 { return 0 }
    let mask = UInt32.max >> UInt32(truncatingIfNeeded: UInt32(last).leadingZeroBitCount)
    while true {
      let candidate = twister.word() & mask
      if candidate <= UInt32(last) { return Int(candidate) }
    }
  }

  /// `np.random.randint(low, high)`: the end is not drawn.
  public mutating func integer(in range: Range<Int>) -> Int {
    precondition(!range.isEmpty, "NumPyRandom.integer: the range is empty")
    return range.lowerBound + upTo(range.count - 1)
  }

  /// `np.random.choice(population, count, replace=False)`: distinct numbers below `population`.
  public mutating func choice(_ count: Int, below population: Int) -> [Int] {
    precondition(count <= population, "NumPyRandom.choice: \(count) of \(population) cannot be drawn")
    var list = Array(0..<population)
    for i in stride(from: population - 1, to: 0, by: -1) { list.swapAt(i, upTo(i)) }
    return Array(list.prefix(count))
  }
}
