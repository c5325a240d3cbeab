import Kernels

extension Tensor {
  /// Element by element product.
  ///
  /// - Shapes: both alike.
  /// - Saves: both inputs.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    a.shape.require(a.shape == b.shape, .multiplied, "equal shapes", b.shape)
    let y = Buffer(a.shape.count) { Kernel.multiply(a.span, b.span, into: &$0) }
    return Tensor(a.shape, y, by: .multiplied, of: a, b) { dy, gradients in
      gradients.accumulate(a) { Kernel.multiplyGradient(dy.span, b.span, addingTo: &$0) }
      gradients.accumulate(b) { Kernel.multiplyGradient(dy.span, a.span, addingTo: &$0) }
    }
  }

  /// Every value times `factor`.
  ///
  /// - Saves: nothing.
  public func scaled(by factor: Float) -> Tensor {
    let x = self
    let y = Buffer(shape.count) { Kernel.scale(x.span, by: factor, into: &$0) }
    return Tensor(shape, y, by: .scaled, of: x) { [x = x.slot] dy, gradients in
      gradients.accumulate(x) { Kernel.add(dy.span, times: factor, addingTo: &$0) }
    }
  }

  /// The sum of all values.
  ///
  /// - Shapes: any → [].
  /// - Saves: nothing.
  public func summed() -> Tensor {
    let x = self
    let total = Buffer(1) { $0[0] = Float(Kernel.sum(x.span)) }
    return Tensor(Shape(), total, by: .summed, of: x) { [x = x.slot] dy, gradients in
      let weight = dy.scalar
      gradients.accumulate(x) { dx in for i in dx.indices { dx[i] += weight } }
    }
  }
}
