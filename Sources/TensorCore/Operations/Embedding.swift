import Kernels

extension Tensor {
  /// Rows of this table by token id.
  ///
  /// - Shapes: `self` [V, D], `tokens` [n], each below V → [n, D].
  /// - Saves: `tokens`.
  public func embedding(_ tokens: [Int32]) -> Tensor {
    let table = self
    let width = shape.width
    shape.require(shape.extents.count == 2, .embedding, "a table [V, D]")
    let y = Buffer(tokens.count * width) { Kernel.gather(table.span, rows: tokens.span, width: width, into: &$0) }
    return Tensor(Shape(tokens.count, width), y, by: .embedding, of: table) { [table = table.slot] dy, gradients in
      gradients.accumulate(table) { Kernel.scatter(dy.span, rows: tokens.span, width: width, addingTo: &$0) }
    }
  }
}
