import Kernels

extension Tensor {
  /// Runs `piece`, which treats every row alike and keeps the shape, over slices of `rows` rows; backward runs it
  /// again, slice by slice. So the memory inside `piece` does not grow with the sequence.
  ///
  /// - Shapes: `self` [n, D] → [n, D].
  /// - Saves: `self`; or, with `keepsActivations`, whatever `piece` saves of every slice.
  /// - Parameters:
  ///   - needsValues: false when the result will only be differentiated (see `Recomputation`); it then has none.
  ///   - keepsActivations: spends the memory and saves the second run. The bits are the same.
  public func tiled(
    rows: Int, needsValues: Bool = true, keepsActivations: Bool = false,
    _ piece: @escaping @Sendable (Tensor) -> Tensor
  ) -> Tensor {
    let x = self
    let width = shape.width
    shape.require(shape.extents.count == 2 && rows > 0, .tiled, "[n, D] and a positive tile")
    let end = shape.rows
    let ranges = Self.slices(of: end, rows: rows)
    var y = Buffer(needsValues ? shape.count : 0) { _ in }
    var tracked = !needsValues
    var kept: [(leaf: TensorID, trace: Trace)] = []
    if needsValues {
      var all = y.mutableSpan
      for range in ranges {
        let leaf = x.rows(range).asLeaf(isParameter: keepsActivations && x.isTracked)
        let result = piece(leaf)
        result.shape.require(result.shape == leaf.shape, .tiled, "a piece that keeps the shape", leaf.shape)
        Kernel.copy(result.span, to: &all, at: range.lowerBound * width)
        tracked = tracked || result.isTracked
        if keepsActivations { kept.append((leaf.id, result.trace)) }
      }
    }
    // A piece that captures parameters shows it only when it runs; without a run it is taken to be tracked.
    let isTracked = tracked || x.isTracked
    guard keepsActivations, needsValues else {
      return Tensor(shape, y.frozen(), by: .tiled, of: [x], tracked: isTracked) { dy, gradients in
        for range in ranges {
          let leaf = x.rows(range).asLeaf(isParameter: x.isTracked)
          piece(leaf).backward(from: dy.rows(range), into: &gradients)
          gradients.accumulate(rows: range, of: x.slot, from: leaf.id)
        }
      }
    }
    let traces = kept
    return Tensor(shape, y, by: .tiled, of: [x], tracked: isTracked) { [x = x.slot] dy, gradients in
      for (range, slice) in zip(ranges, traces) {
        slice.trace.backward(from: dy.rows(range), into: &gradients)
        gradients.accumulate(rows: range, of: x, from: slice.leaf)
      }
    }
  }
}

extension Tensor {
  /// Slices of `rows` rows; the last two share the end where the last would have so few that their products are formed
  /// another way, and with other bits, than those of the whole.
  static func slices(of end: Int, rows: Int) -> [Range<Int>] {
    var ranges = stride(from: 0, to: end, by: rows).map { $0..<min($0 + rows, end) }
    let few = 32
    if rows > 2 * few, ranges.count > 1, ranges[ranges.count - 1].count < few {
      let last = ranges.removeLast()
      let start = ranges[ranges.count - 1].lowerBound
      ranges[ranges.count - 1] = start..<last.upperBound - few
      ranges.append(last.upperBound - few..<last.upperBound)
    }
    return ranges
  }
}

extension Gradients {
  /// Moves the gradient of a slice into the rows it was cut from.
  mutating func accumulate(rows: Range<Int>, of x: GradientSlot, from slice: TensorID) {
    guard let dSlice = take(slice) else { return }
    accumulate(x) { Kernel.add(dSlice.span, addingTo: &$0, at: rows.lowerBound * x.shape.width) }
  }
}
