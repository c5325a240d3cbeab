/// A min-heap of four branches of (rank, position), each packed in one word, so that equal ranks come out leftmost first.
struct MergeHeap {
  private var entries: ContiguousArray<UInt64> = []
  private var limit = 0

  /// Empties the heap for at most so many entries, for which memory is taken once.
  mutating func prepare(capacity: Int) {
    entries.removeAll(keepingCapacity: true)
    limit = max(capacity, 16)
    entries.reserveCapacity(limit)
  }

  /// Whether as many entries are in it as were prepared for.
  var isFull: Bool { entries.count >= limit }

  /// Takes out every entry of which `isStale` says so, in linear time.
  mutating func removeAll(where isStale: (UInt32, Int) -> Bool) {
    entries.removeAll { isStale(UInt32(truncatingIfNeeded: $0 >> 32), Int(UInt32(truncatingIfNeeded: $0))) }
    order()
  }

  /// Appends without keeping the heap's order; `order()` must follow.
  mutating func insertUnordered(rank: UInt32, position: Int) { entries.append(Self.pack(rank, position)) }

  /// Makes a heap of entries in any order, in linear time.
  mutating func order() {
    for index in stride(from: (entries.count - 2) / 4, through: 0, by: -1) where index < entries.count { sink(index) }
  }

  mutating func insert(rank: UInt32, position: Int) {
    let entry = Self.pack(rank, position)
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 4
      if entries[parent] <= entry { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  mutating func popFirst() -> (rank: UInt32, position: Int)? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    if !entries.isEmpty {
      entries[0] = last
      sink(0)
    }
    return (UInt32(truncatingIfNeeded: first >> 32), Int(UInt32(truncatingIfNeeded: first)))
  }

  private static func pack(_ rank: UInt32, _ position: Int) -> UInt64 {
    UInt64(rank) << 32 | UInt64(UInt32(truncatingIfNeeded: position))
  }

  private mutating func sink(_ start: Int) {
    let entry = entries[start]
    var parent = start
    while true {
      let first = 4 * parent + 1
      if first >= entries.count { break }
      var child = first
      for other in (first + 1)..<max(first + 1, min(first + 4, entries.count)) where entries[other] < entries[child] {
        child = other
      }
      if entries[child] >= entry { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = entry
  }
}
