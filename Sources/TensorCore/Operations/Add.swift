import Kernels

extension Tensor {
  /// Element by element sum.
  ///
  /// - Shapes: both alike.
  /// - Saves: nothing.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    a.shape.require(a.shape == b.shape, .added, "equal shapes", b.shape)
    let y = Buffer(a.shape.count) { Kernel.add(a.span, b.span, into: &$0) }
    return Tensor(a.shape, y, by: .added, of: a, b) { [a = a.slot, b = b.slot] dy, gradients in
      gradients.accumulate(a, dy)
      gradients.accumulate(b, dy)
    }
  }

  /// Adds `bias` to every row.
  ///
  /// - Shapes: `self` […, D], `bias` [D] → […, D].
  /// - Saves: nothing.
  public func biased(by bias: Tensor) -> Tensor {
    let x = self
    let width = shape.width
    let rows = shape.rows
    shape.require(bias.shape == Shape(width), .biased, "[…, D] and [D]", bias.shape)
    let y = Buffer(zeros: shape.count) { y in
      Kernel.add(x.span, addingTo: &y)
      for n in 0..<rows { Kernel.add(bias.span, addingTo: &y, at: n * width) }
    }
    return Tensor(shape, y, by: .biased, of: x, bias) { [x = x.slot, bias = bias.slot] dy, gradients in
      gradients.accumulate(x, dy)
      gradients.accumulate(bias) { dBias in
        for n in 0..<rows { Kernel.add(dy.span.extracting(n * width..<(n + 1) * width), addingTo: &dBias) }
      }
    }
  }
}
