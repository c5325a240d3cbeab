import Kernels

extension Tensor {
  /// The same values under another shape.
  ///
  /// - Shapes: any → one with as many values.
  /// - Saves: nothing.
  public func reshaped(to newShape: Shape) -> Tensor {
    let x = self
    shape.require(shape.count == newShape.count, .reshaped, "as many values", newShape)
    return Tensor(newShape, x.storage, by: .reshaped, of: [x], tracked: x.isTracked) { [x = x.slot] dy, gradients in
      gradients.accumulate(x, dy.reshaped(to: x.shape))
    }
  }

  /// Rows become columns.
  ///
  /// - Shapes: [n, m] → [m, n].
  /// - Saves: nothing.
  public func transposed() -> Tensor {
    let x = self
    shape.require(shape.extents.count == 2, .transposed, "[n, m]")
    let (n, m) = (shape.rows, shape.width)
    let y = Buffer(zeros: shape.count) { Kernel.transpose(x.span, rows: n, columns: m, addingTo: &$0) }
    return Tensor(Shape(m, n), y, by: .transposed, of: x) { [x = x.slot] dy, gradients in
      gradients.accumulate(x) { Kernel.transpose(dy.span, rows: m, columns: n, addingTo: &$0) }
    }
  }
}
