public import Kernels

extension Tensor {
  /// Matrix product, with either side transposed where asked.
  ///
  /// - Shapes: op(a) [m, k], op(b) [k, n] → [m, n].
  /// - Saves: both inputs.
  /// - Parameter precision: of this product and of the two that form its gradients.
  public static func matmul(
    _ a: Tensor, _ b: Tensor, transposing sides: TransposedSides = [], precision: Precision = .fp32
  ) -> Tensor {
    a.shape.require(a.shape.extents.count == 2 && b.shape.extents.count == 2, .matmul, "two matrices", b.shape)
    let aT = sides.contains(.left)
    let bT = sides.contains(.right)
    let (m, k) = aT ? (a.shape.width, a.shape.rows) : (a.shape.rows, a.shape.width)
    let (kb, n) = bT ? (b.shape.width, b.shape.rows) : (b.shape.rows, b.shape.width)
    a.shape.require(k == kb, .matmul, "equal inner extents (left transposed: \(aT), right: \(bT))", b.shape)
    let y = Buffer(m * n) {
      Kernel.matmul(
        a.span, b.span, transposing: sides, m: m, n: n, k: k, accumulating: false, precision: precision,
        into: &$0)
    }
    return Tensor(Shape(m, n), y, by: .matmul, of: a, b) { dy, gradients in
      // y = A·B:  dA = dy·Bᵀ,  dB = Aᵀ·dy; a transposed input takes the transpose of its gradient.
      gradients.accumulate(product: a) { da, accumulating in
        if aT {
          let sides: TransposedSides = bT ? [.left, .right] : .right
          Kernel.matmul(
            b.span, dy.span, transposing: sides, m: k, n: m, k: n, accumulating: accumulating,
            precision: precision, into: &da)
        } else {
          let sides: TransposedSides = bT ? [] : .right
          Kernel.matmul(
            dy.span, b.span, transposing: sides, m: m, n: k, k: n, accumulating: accumulating,
            precision: precision, into: &da)
        }
      }
      gradients.accumulate(product: b) { db, accumulating in
        if bT {
          let sides: TransposedSides = aT ? [.left, .right] : .left
          Kernel.matmul(
            dy.span, a.span, transposing: sides, m: n, n: k, k: m, accumulating: accumulating,
            precision: precision, into: &db)
        } else {
          let sides: TransposedSides = aT ? [] : .left
          Kernel.matmul(
            a.span, dy.span, transposing: sides, m: k, n: n, k: m, accumulating: accumulating,
            precision: precision, into: &db)
        }
      }
    }
  }

  /// A linear layer: x·Wᵀ.
  ///
  /// - Shapes: `self` [n, in], `weight` [out, in] → [n, out].
  /// - Saves: both inputs.
  public func linear(_ weight: Tensor, precision: Precision = .fp32) -> Tensor {
    .matmul(self, weight, transposing: .right, precision: precision)
  }
}
