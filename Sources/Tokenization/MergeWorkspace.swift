/// The symbols of one piece of text while they are merged; reused from piece to piece.
///
/// The order of merges is that of llama.cpp and of the tokenizers library: lowest rank first, then leftmost.
struct MergeWorkspace {
  /// One symbol: a token, a character that is part of tokens only, or −1 for text that nothing matches.
  struct Symbol {
    var id: Int32
    /// Where it begins in the text; it ends where the next one begins.
    var start: Int
  }

  /// The symbols in order; after `merge` those that are left.
  private(set) var symbols: ContiguousArray<Symbol> = []
  /// The merge of symbol `i` with its right neighbour.
  private var merges: ContiguousArray<Merge> = []
  private var previous: ContiguousArray<Int32> = []
  private var next: ContiguousArray<Int32> = []
  private var heap = MergeHeap()

  /// Pieces up to this many symbols are merged by repeated scans, longer ones with a heap.
  static let longestScan = 48

  mutating func removeAll() { symbols.removeAll(keepingCapacity: true) }

  mutating func append(_ id: Int32, start: Int) { symbols.append(Symbol(id: id, start: start)) }

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

  /// The same with a priority queue and a linked list, O(n log n).
  mutating func mergeWithHeap(_ table: MergeTable) {
    let total = symbols.count
    precondition(total < Int32.max, "a piece of \(total) characters without a break; at most 2147483646 can be merged")
    prepareLists(total)
    for index in 0..<(total - 1) {
      merges[index] = table.merge(symbols[index].id, symbols[index + 1].id)
      if merges[index] != .none { heap.insertUnordered(rank: merges[index].rank, position: index) }
    }
    heap.order()
    while let (rank, left) = heap.popFirst() {
      // A stale entry: the symbol is gone (its merge is `.none`), or its neighbour has changed.
      guard merges[left] != .none, merges[left].rank == rank else { continue }
      let right = Int(next[left])
      symbols[left].id = merges[left].result
      merges[right] = .none
      symbols[right].start = -1
      next[left] = next[right]
      if next[left] >= 0 { previous[Int(next[left])] = Int32(left) }
      update(left, with: next[left], table)
      if previous[left] >= 0 { update(Int(previous[left]), with: Int32(left), table) }
    }
    symbols.removeAll { $0.start < 0 }
  }

  private mutating func prepareLists(_ total: Int) {
    merges = ContiguousArray(repeating: .none, count: total)
    previous = ContiguousArray((0..<total).lazy.map { Int32($0) - 1 })
    next = ContiguousArray((0..<total).lazy.map { $0 + 1 < total ? Int32($0) + 1 : -1 })
    heap.removeAll()
  }

  private mutating func update(_ left: Int, with right: Int32, _ table: MergeTable) {
    let merge = right >= 0 ? table.merge(symbols[left].id, symbols[Int(right)].id) : .none
    merges[left] = merge
    if merge != .none { heap.insert(rank: merge.rank, position: left) }
  }
}
