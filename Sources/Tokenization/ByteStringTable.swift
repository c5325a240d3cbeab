import Diagnostics

/// An immutable-after-building map from byte strings to token ids, without one allocation per entry.
///
/// Keys are compared byte by byte; `String` keys would be equal up to Unicode normalization, which tokens are not.
struct ByteStringTable: Sendable {
  private var storage: ContiguousArray<UInt8> = []
  private var starts: ContiguousArray<UInt32> = [0]
  private var ids: ContiguousArray<TokenID> = []
  /// Entry number of each slot, or −1; a power of two of them, at most three quarters full.
  private var slots: ContiguousArray<Int32>

  /// - Parameters:
  ///   - capacity: the most entries that will be inserted.
  ///   - bytes: the bytes of all of them together, where that is known.
  init(capacity: Int, bytes: Int = 0) {
    var count = 16
    while 3 * count < 4 * capacity { count *= 2 }
    storage.reserveCapacity(bytes)
    slots = ContiguousArray(repeating: -1, count: count)
    ids.reserveCapacity(capacity)
    starts.reserveCapacity(capacity + 1)
  }

  /// Adds `key`, or gives the id that it already has and changes nothing.
  mutating func insert(_ key: Span<UInt8>, _ id: TokenID) -> TokenID? {
    guard 4 * ids.count < 3 * slots.count + 4 && storage.count + key.count < UInt32.max else {
      stop("ByteStringTable.insert: more entries than the capacity asked for, or more than 4 GiB of them")
    }
    var slot = Self.hash(key, 0..<key.count) & (slots.count - 1)
    while slots[slot] >= 0 {
      if matches(entry: Int(slots[slot]), key, 0..<key.count) { return ids[Int(slots[slot])] }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Int32(ids.count)
    ids.append(id)
    for index in key.indices { storage.append(key[index]) }
    starts.append(UInt32(storage.count))
    return nil
  }

  /// The id of the bytes `range` of `text`.
  func find(_ text: Span<UInt8>, _ range: Range<Int>) -> TokenID? {
    var slot = Self.hash(text, range) & (slots.count - 1)
    while slots[slot] >= 0 {
      if matches(entry: Int(slots[slot]), text, range) { return ids[Int(slots[slot])] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  func find(_ key: [UInt8]) -> TokenID? { find(key.span, 0..<key.count) }

  private func matches(entry: Int, _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let start = Int(starts[entry])
    guard Int(starts[entry + 1]) - start == range.count else { return false }
    for offset in 0..<range.count where storage[start + offset] != text[range.lowerBound + offset] { return false }
    return true
  }

  /// FNV-1a, with a last mixing step because the slot is taken from the low bits.
  private static func hash(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in range { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01B3 }
    return Int(truncatingIfNeeded: hash ^ (hash >> 29))
  }
}
