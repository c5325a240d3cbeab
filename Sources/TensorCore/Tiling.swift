import Kernels

extension Tensor {
  /// Runs `piece`, which treats every row alike and keeps the shape, over slices of `rows` rows; backward runs it
  /// again, slice by slice. So the memory inside `piece` does not grow with the sequence.
  ///
  /// - Shapes: `self` [n, D] → [n, D].
  /// - Saves: `self`.
  /// - Parameter needsValues: false when the result will only be differentiated (see `Recomputation`); its
  ///   values are then zeros.
  public func tiled(
    rows: Int, needsValues: Bool = true, _ piece: @escaping @Sendable (Tensor) -> Tensor
  ) -> Tensor {
    let x = self
    let width = shape.width
    shape.require(shape.extents.count == 2 && rows > 0, .tiled, "[n, D] and a positive tile")
    let starts = Array(stride(from: 0, to: shape.rows, by: rows))
    let end = shape.rows
    var y = Buffer(zeros: shape.count)
    var tracked = !needsValues
    if needsValues {
      var all = y.mutableSpan
      for start in starts {
        let slice = x.rows(start..<min(start + rows, end))
        let result = piece(slice)
        result.shape.require(result.shape == slice.shape, .tiled, "a piece that keeps the shape", slice.shape)
        Kernel.add(result.span, addingTo: &all, at: start * width)
        tracked = tracked || result.isTracked
      }
    }
    // A piece that captures parameters shows it only when it runs; without a run it is taken to be tracked.
    return Tensor(shape, y, by: .tiled, of: [x], tracked: tracked || x.isTracked) { dy, gradients in
      for start in starts {
        let range = start..<min(start + rows, end)
        let leaf = x.rows(range).asLeaf(isParameter: x.isTracked)
        piece(leaf).backward(from: dy.rows(range), into: &gradients)
        guard let dSlice = gradients.take(leaf.id) else { continue }
        gradients.accumulate(x) { Kernel.add(dSlice.span, addingTo: &$0, at: start * width) }
      }
    }
  }
}
