import Diagnostics

/// The symbols of one piece of text while they are merged; reused from piece to piece.
///
/// The order of merges is that of llama.cpp and of the tokenizers library: lowest rank first, then leftmost. A piece
/// takes 8 bytes a symbol, and 14 more where it is long enough for the heap.
struct MergeWorkspace {
  /// One symbol: a token, a character that is part of tokens only, or −1 for text that nothing matches.
  struct Symbol {
    var id: Int32
    /// Where it begins in the piece; it ends where the next one begins.
    var start: Int32
  }

  /// The symbols in order; after `merge` those that are left.
  private(set) var symbols: ContiguousArray<Symbol> = []
  /// By scans: the merge of symbol `i` with its right neighbour.
  private var merges: ContiguousArray<Merge> = []
  /// With the heap: a symbol that has grown covers a run of places; the first names the last, and the last the first.
  private var ends: ContiguousArray<Int32> = []
  private var heap = MergeHeap()

  /// Pieces up to this many symbols are merged by repeated scans, longer ones with a heap.
  static let longestScan = 48
  /// The id of a place that an earlier symbol covers.
  private static let covered: Int32 = -2

  mutating func removeAll() { symbols.removeAll(keepingCapacity: true) }

  /// Adds a symbol that begins `start` bytes behind the piece's first one.
  mutating func append(_ id: Int32, start: Int) {
    symbols.append(Symbol(id: id, start: Int32(truncatingIfNeeded: start)))
  }

  /// Makes room for a piece of so many symbols, and gives back what a much longer one before it took.
  mutating func prepare(for count: Int) {
    guard count < Int32.max else {
      stop("encode: a piece of \(count) bytes without a break; at most 2147483646 are allowed")
    }
    if symbols.capacity > 1 << 16, count < symbols.capacity / 8 { self = MergeWorkspace() }
    symbols.removeAll(keepingCapacity: true)
    symbols.reserveCapacity(count)
  }

  /// Merges until no pair is left that `table` knows.
  mutating func merge(by table: MergeTable) {
    if symbols.count > Self.longestScan { mergeWithHeap(table) } else if symbols.count > 1 { mergeByScans(table) }
  }

  /// The plain algorithm, O(n²); fastest for the short pieces that text consists of.
  mutating func mergeByScans(_ table: MergeTable) {
    let total = symbols.count
    merges.removeAll(keepingCapacity: true)
    for index in 0..<(total - 1) { merges.append(table.merge(symbols[index].id, symbols[index + 1].id)) }
    merges.append(.none)
    var count = total
    while true {
      var best = 0
      var lowest = UInt32.max
      for index in 0..<count where merges[index].rank < lowest {
        lowest = merges[index].rank
        best = index
      }
      if lowest == .max { break }
      symbols[best].id = merges[best].result
      count -= 1
      for index in (best + 1)..<max(count, best + 1) {
        symbols[index] = symbols[index + 1]
        merges[index] = merges[index + 1]
      }
      merges[best] = best + 1 < count ? table.merge(symbols[best].id, symbols[best + 1].id) : .none
      if best > 0 { merges[best - 1] = table.merge(symbols[best - 1].id, symbols[best].id) }
    }
    symbols.removeLast(total - count)
  }

  /// The same with a priority queue, O(n log n).
  mutating func mergeWithHeap(_ table: MergeTable) {
    let total = symbols.count
    ends.removeAll(keepingCapacity: true)
    ends.reserveCapacity(total)
    for index in 0..<total { ends.append(Int32(truncatingIfNeeded: index)) }
    // A quarter more than there are places: when it is full, a good part of it is out of date.
    heap.prepare(capacity: total + total / 4)
    for index in 0..<(total - 1) {
      let merge = table.merge(symbols[index].id, symbols[index + 1].id)
      if merge != .none { heap.insertUnordered(rank: merge.rank, position: index) }
    }
    heap.order()
    while let (rank, left) = heap.popFirst() {
      let merge = merge(at: left, table)
      guard merge.rank == rank, merge != .none else { continue }
      let right = Int(ends[left]) + 1
      let last = Int(ends[right])
      symbols[left].id = merge.result
      symbols[right].id = Self.covered
      ends[left] = Int32(truncatingIfNeeded: last)
      ends[last] = Int32(truncatingIfNeeded: left)
      insert(left, table)
      if left > 0 { insert(Int(ends[left - 1]), table) }
    }
    symbols.removeAll { $0.id == Self.covered }
  }

  /// The merge of the symbol at a place with its right neighbour, as things stand.
  private func merge(at left: Int, _ table: MergeTable) -> Merge {
    let right = Int(ends[left]) + 1
    guard symbols[left].id >= 0, right < symbols.count else { return .none }
    return table.merge(symbols[left].id, symbols[right].id)
  }

  private mutating func insert(_ left: Int, _ table: MergeTable) {
    let merge = merge(at: left, table)
    guard merge != .none else { return }
    if heap.isFull {
      let (symbols, ends) = (symbols, ends)
      heap.removeAll { rank, left in
        let right = Int(ends[left]) + 1
        guard symbols[left].id >= 0, right < symbols.count else { return true }
        return table.merge(symbols[left].id, symbols[right].id).rank != rank
      }
    }
    heap.insert(rank: merge.rank, position: left)
  }
}
