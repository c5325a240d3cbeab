/// A set of small integers that finds the next member at or above a value in a few word operations.
///
/// A tree of 64-bit words: a bit of an upper level tells whether the word below it has any bit.
struct IntegerSet {
  /// Members are in 0..<capacity.
  let capacity: Int
  private var levels: [[UInt64]]

  init(capacity: Int) {
    precondition(capacity > 0, "integer set: capacity must be positive but is \(capacity)")
    self.capacity = capacity
    levels = []
    var count = capacity
    repeat {
      count = (count + 63) / 64
      levels.append(Array(repeating: 0, count: count))
    } while count > 1
  }

  mutating func insert(_ value: Int) {
    var index = value
    for level in levels.indices {
      levels[level][index >> 6] |= 1 << UInt64(index & 63)
      index >>= 6
    }
  }

  mutating func remove(_ value: Int) {
    var index = value
    for level in levels.indices {
      levels[level][index >> 6] &= ~(1 << UInt64(index & 63))
      if levels[level][index >> 6] != 0 { return }
      index >>= 6
    }
  }

  /// The smallest member that is at least `value`.
  func next(atLeast value: Int) -> Int? {
    var index = value
    var level = 0
    while level < levels.count {
      guard index >> 6 < levels[level].count else { return nil }
      let rest = levels[level][index >> 6] & (~0 << UInt64(index & 63))
      if rest != 0 {
        index = (index >> 6) << 6 | rest.trailingZeroBitCount
        while level > 0 {
          level -= 1
          index = index << 6 | levels[level][index].trailingZeroBitCount
        }
        return index
      }
      index = (index >> 6) + 1
      level += 1
    }
    return nil
  }
}
