import RandomNumbers

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
      for key in keys { (left, right) = (right, left ^ (SplitMix64.mixed(right &+ key) & mask)) }
      value = left << halfBits | right
    } while value >= UInt64(count)
    return Int(value)
  }
}
