/// Fills bins of one capacity with pieces until every bin but the last is exactly full.
///
/// Best-fit decreasing (Johnson 1974): the longest piece first, each into the bin where it leaves the least room. What
/// room is left is then filled from the emptiest bins, cutting a piece where it does not fit whole.
struct Packer {
  let capacity: Int
  private var bins: [[Piece]] = []
  private var gaps: [Int] = []
  /// For each gap, the bins that have it.
  private var binsByGap: [Int: [Int]] = [:]
  private var openGaps: IntegerSet

  init(capacity: Int) {
    self.capacity = capacity
    openGaps = IntegerSet(capacity: capacity + 1)
  }

  /// Packs pieces no longer than the capacity.
  ///
  /// - Returns: full bins, and the pieces of the last, unfilled one.
  static func pack(_ pieces: [Piece], capacity: Int) -> (full: [[Piece]], rest: [Piece]) {
    var packer = Packer(capacity: capacity)
    let sorted = pieces.sorted {
      ($1.length, $0.document, $0.start) < ($0.length, $1.document, $1.start)
    }
    for piece in sorted where piece.length > 0 { packer.place(piece) }
    return packer.filled()
  }

  private mutating func place(_ piece: Piece) {
    precondition(piece.length <= capacity, "packing: a piece must hold ≤ \(capacity) tokens but holds \(piece.length)")
    guard let gap = openGaps.next(atLeast: piece.length) else {
      bins.append([piece])
      gaps.append(capacity - piece.length)
      return open(bins.count - 1)
    }
    guard let bin = binsByGap[gap]?.popLast() else { preconditionFailure("packing: gap \(gap) has no bin") }
    if binsByGap[gap]?.isEmpty == true { openGaps.remove(gap) }
    bins[bin].append(piece)
    gaps[bin] = gap - piece.length
    open(bin)
  }

  private mutating func open(_ bin: Int) {
    guard gaps[bin] > 0 else { return }
    if binsByGap[gaps[bin], default: []].isEmpty { openGaps.insert(gaps[bin]) }
    binsByGap[gaps[bin], default: []].append(bin)
  }

  /// Takes the emptiest bins apart to fill the others, fullest first.
  private consuming func filled() -> (full: [[Piece]], rest: [Piece]) {
    var order = bins.indices.sorted { (gaps[$0], $0) < (gaps[$1], $1) }[...]
    var full: [[Piece]] = []
    var donors: [Piece] = []
    full.reserveCapacity(bins.count)
    while let bin = order.popFirst() {
      var gap = gaps[bin]
      var filling = bins[bin]
      while gap > 0 {
        if donors.isEmpty, let donor = order.popLast() { donors = bins[donor] }
        guard var piece = donors.popLast() else { return (full, filling) }
        let taken = piece.cutFront(min(gap, piece.length))
        filling.append(taken)
        gap -= taken.length
        if piece.length > 0 { donors.append(piece) }
      }
      full.append(filling)
    }
    return (full, donors)
  }
}
