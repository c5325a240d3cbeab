/// Random numbers that are a pure function of (seed, purpose, step): nothing is carried over, nothing is replayed.
///
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", 2011). The key is the
/// seed; the counter holds the step, the purpose and the number of the block.
struct KeyedGenerator: RandomNumberGenerator, Sendable {
  /// What the numbers are for: two purposes never share numbers.
  struct Purpose: RawRepresentable, Hashable, Sendable {
    var rawValue: UInt32
    init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The order of sequences that hold one long document.
    static let longSequences = Purpose(rawValue: 1)
    /// The order of packed sequences.
    static let packedSequences = Purpose(rawValue: 2)
    /// The order of pieces inside a packed sequence.
    static let pieces = Purpose(rawValue: 3)
  }

  private let seed: UInt64
  private let purpose: Purpose
  private let step: UInt64
  private var block: UInt32 = 0
  private var high: UInt64?

  init(seed: UInt64, purpose: Purpose, step: UInt64) {
    (self.seed, self.purpose, self.step) = (seed, purpose, step)
  }

  /// The next 64 bits; 2³³ of them before the numbers come again.
  mutating func next() -> UInt64 {
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
