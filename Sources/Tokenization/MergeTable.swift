import Diagnostics

/// A merge of two neighbouring symbols: how early it happens, and what it gives.
struct Merge: Sendable, Equatable {
  /// Rank in the high half, resulting symbol in the low half.
  private let packed: UInt64

  init(rank: UInt32, result: Int32) { packed = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: result)) }

  /// Lower ranks merge first.
  var rank: UInt32 { UInt32(truncatingIfNeeded: packed >> 32) }
  var result: Int32 { Int32(truncatingIfNeeded: packed) }

  /// No merge; ranks after every other.
  static let none = Merge(rank: .max, result: -1)
}

/// Which pairs of symbols merge: a hash table from two ids to a `Merge`.
struct MergeTable: Sendable {
  private struct Slot {
    var key: UInt64
    var merge: Merge
  }

  private static let emptyKey = UInt64.max
  private var slots: ContiguousArray<Slot>
  private var shift: UInt64
  private var count = 0

  init(capacity: Int) {
    var bits = 4
    while 1 << bits < 2 * capacity { bits += 1 }
    slots = ContiguousArray(repeating: Slot(key: Self.emptyKey, merge: .none), count: 1 << bits)
    shift = UInt64(64 - bits)
  }

  /// Adds a merge; the first one of a pair stays.
  mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    require(left >= 0 && right >= 0, "MergeTable.insert: symbols must be non-negative, got \(left) and \(right)")
    if 2 * (count + 1) > slots.count { grow() }
    let key = Self.key(left, right)
    var slot = index(key)
    while slots[slot].key != Self.emptyKey {
      if slots[slot].key == key { return }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Slot(key: key, merge: merge)
    count += 1
  }

  /// The merge of two neighbours, or `.none`; a negative symbol merges with nothing.
  func merge(_ left: Int32, _ right: Int32) -> Merge {
    let key = Self.key(left, right)
    var slot = index(key)
    while true {
      let found = slots[slot]
      if found.key == key { return found.merge }
      if found.key == Self.emptyKey { return .none }
      slot = (slot + 1) & (slots.count - 1)
    }
  }

  private mutating func grow() {
    let old = slots
    slots = ContiguousArray(repeating: Slot(key: Self.emptyKey, merge: .none), count: 2 * old.count)
    shift -= 1
    for entry in old where entry.key != Self.emptyKey {
      var slot = index(entry.key)
      while slots[slot].key != Self.emptyKey { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = entry
    }
  }

  /// Two −1 give `emptyKey`, which is found with `.none`: right as well.
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  private func index(_ key: UInt64) -> Int { Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift) }
}
