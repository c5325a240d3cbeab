/// The `start:stop:step` of a subscript.
struct SliceBounds {
  var start: Int?
  var stop: Int?
  /// Never 0.
  var step = 1

  /// The indices picked, for a step of 1.
  func range(count: Int) -> Range<Int> {
    let (first, end) = ends(count: count)
    return first..<max(first, end)
  }

  /// The indices picked, in order.
  func indices(count: Int) -> [Int] {
    var result: [Int] = []
    var (index, end) = ends(count: count)
    while step > 0 ? index < end : index > end {
      result.append(index)
      let (next, overflow) = index.addingReportingOverflow(step)
      if overflow { break }
      index = next
    }
    return result
  }

  private func ends(count: Int) -> (Int, Int) {
    let lowest = step > 0 ? 0 : -1
    let highest = step > 0 ? count : count - 1
    func clamped(_ index: Int) -> Int { min(max(index < 0 ? index + count : index, lowest), highest) }
    return (start.map(clamped) ?? (step > 0 ? lowest : highest), stop.map(clamped) ?? (step > 0 ? highest : lowest))
  }
}
