/// Random numbers that are a pure function of (seed, purpose, step): nothing is carried over, nothing is replayed.
///
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", 2011). The key is the
/// seed; the counter holds the step, the purpose and the number of the block.
public struct KeyedGenerator: RandomNumberGenerator, Sendable {
  /// What the numbers are for: two purposes never share numbers.
  public struct Purpose: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The order of sequences that hold one long document.
    public static let longSequences = Purpose(rawValue: 1)
    /// The order of packed sequences.
    public static let packedSequences = Purpose(rawValue: 2)
    /// The order of pieces inside a packed sequence.
    public static let pieces = Purpose(rawValue: 3)
  }

  private let seed: UInt64
  private let purpose: Purpose
  private let step: UInt64
  private var block: UInt32 = 0
  private var high: UInt64?

  public init(seed: UInt64, purpose: Purpose, step: UInt64) {
    (self.seed, self.purpose, self.step) = (seed, purpose, step)
  }

  /// The next 64 bits; 2³³ of them before the numbers come again.
  public mutating func next() -> UInt64 {
    if let high {
      self.high = nil
      return high
    }
    let words = Self.philox(
      counter: SIMD4(UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32), purpose.rawValue, block),
      key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    block &+= 1
    high = UInt64(words[2]) | UInt64(words[3]) << 32
    return UInt64(words[0]) | UInt64(words[1]) << 32
  }

  /// Ten rounds of Philox4x32.
  static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let p0 = UInt64(c[0]) * 0xD251_1F53
      let p1 = UInt64(c[2]) * 0xCD9E_8D57
      c = SIMD4(
        UInt32(p1 >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: p1),
        UInt32(p0 >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: p0))
      k = k &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return c
  }
}

/// A permutation of 0..<count that is computed element by element, without a table.
///
/// A Feistel network of eight rounds over the next power of four, walked until it falls inside the range
/// (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
struct KeyedPermutation {
  let count: Int
  private let halfBits: UInt64
  private let keys: [UInt64]

  init(count: Int, seed: UInt64, purpose: KeyedGenerator.Purpose, step: UInt64) {
    precondition(count >= 0, "permutation: count must not be negative but is \(count)")
    self.count = count
    let bits = UInt64(Int.bitWidth - max(count - 1, 0).leadingZeroBitCount)
    halfBits = max(4, (bits + 1) / 2)
    var generator = KeyedGenerator(seed: seed, purpose: purpose, step: step)
    keys = (0..<8).map { _ in generator.next() }
  }

  /// Where `index` goes.
  subscript(index: Int) -> Int {
    precondition((0..<count).contains(index), "permutation: index must be in 0..<\(count) but is \(index)")
    let mask = (UInt64(1) << halfBits) - 1
    var value = UInt64(index)
    repeat {
      var left = value >> halfBits
      var right = value & mask
      for key in keys { (left, right) = (right, left ^ (Self.mixed(right &+ key) & mask)) }
      value = left << halfBits | right
    } while value >= UInt64(count)
    return Int(value)
  }

  /// SplitMix64's finisher (Steele, Lea, Flood 2014).
  private static func mixed(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
