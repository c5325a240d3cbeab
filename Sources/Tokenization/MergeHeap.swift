/// A binary min-heap of (rank, position), each packed in one word, so that equal ranks come out leftmost first.
struct MergeHeap {
  private var entries: ContiguousArray<UInt64> = []

  mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  /// Appends without keeping the heap's order; `order()` must follow.
  mutating func insertUnordered(rank: UInt32, position: Int) { entries.append(Self.pack(rank, position)) }

  /// Makes a heap of entries in any order, in linear time.
  mutating func order() {
    for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  mutating func insert(rank: UInt32, position: Int) {
    let entry = Self.pack(rank, position)
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
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
      var child = 2 * parent + 1
      if child >= entries.count { break }
      if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
      if entries[child] >= entry { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = entry
  }
}
