/// Draws as CPython's `random.Random` does, so that the tests of published harnesses come out byte for byte.
///
/// The derivations are those of CPython 3.11 (`Lib/random.py`, `Modules/_randommodule.c`).
public struct PythonRandom: Sendable {
  private var twister: MersenneTwister

  /// `random.seed(seed)`.
  public init(seed: Int) {
    let magnitude = UInt64(seed.magnitude)
    let (low, high) = (UInt32(truncatingIfNeeded: magnitude), UInt32(magnitude >> 32))
    twister = MersenneTwister(keys: high == 0 ? [low] : [low, high])
  }

  /// `random()`: 53 bits in 0..<1.
  public mutating func unit() -> Double {
    let high = Double(twister.word() >> 5), low = Double(twister.word() >> 6)
    return (high * 67_108_864 + low) / 9_007_199_254_740_992
  }

  /// `getrandbits(count)`, 1 to 64 bits.
  public mutating func bits(_ count: Int) -> UInt64 {
    precondition((1...64).contains(count), "PythonRandom.bits: expected 1 to 64, got \(count)")
    if count <= 32 { return UInt64(twister.word() >> UInt32(32 - count)) }
    let low = UInt64(twister.word())
    return low | UInt64(twister.word() >> UInt32(64 - count)) << 32
  }

  /// `_randbelow(bound)`: uniform in 0..<bound, bound ≥ 1.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound >= 1, "PythonRandom.below: expected a bound of at least 1, got \(bound)")
    let width = Int.bitWidth - bound.leadingZeroBitCount
    while true {
      let candidate = bits(width)
      if candidate < UInt64(bound) { return Int(candidate) }
    }
  }

  /// `randint(first, last)`.
  public mutating func integer(in range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  /// `choice(list)`; the list has an element.
  public mutating func choice<C: RandomAccessCollection<T>, T>(_ list: C) -> T where C.Index == Int {
    list[list.startIndex + below(list.count)]
  }

  /// `''.join(choices(letters, k=count))`.
  public mutating func letters(_ letters: [Character], count: Int) -> String {
    String((0..<count).map { _ in letters[Int(unit() * Double(letters.count))] })
  }

  /// `shuffle(list)`.
  public mutating func shuffle<T>(_ list: inout [T]) {
    for i in stride(from: list.count - 1, to: 0, by: -1) { list.swapAt(i, below(i + 1)) }
  }

  /// `sample(range(population), count)`: distinct numbers in the order drawn; count ≤ population.
  public mutating func sample(_ count: Int, below population: Int) -> [Int] {
    precondition(count <= population, "PythonRandom.sample: \(count) of \(population) cannot be drawn")
    // CPython draws from a list of what is left while that is smaller than a set of what is taken.
    var setSize = 21
    if count > 5 {
      var power = 4
      while power < count * 3 { power *= 4 }
      setSize += power
    }
    if population <= setSize {
      var pool = Array(0..<population)
      return (0..<count).map { taken in
        let place = below(population - taken), number = pool[place]
        pool[place] = pool[population - taken - 1]
        return number
      }
    }
    var taken: Set<Int> = []
    return (0..<count).map { _ in
      while true {
        let number = below(population)
        if taken.insert(number).inserted { return number }
      }
    }
  }

  /// `str(uuid.UUID(int=getrandbits(128), version=4))`.
  public mutating func uuid() -> String {
    // The first draw holds the lowest bits.
    var words: [UInt32] = []
    for _ in 0..<4 { words.insert(twister.word(), at: 0) }
    words[1] = words[1] & 0xFFFF_0FFF | 0x4000
    words[2] = words[2] & 0x3FFF_FFFF | 0x8000_0000
    let digits = words.map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }
    return "\(digits[0])-\(digits[1].prefix(4))-\(digits[1].suffix(4))-\(digits[2].prefix(4))-\(digits[2].suffix(4))"
      + digits[3]
  }
}
