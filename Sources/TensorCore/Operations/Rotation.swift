import Kernels

extension Tensor {
  /// Turns the pairs (i, i + headSize/2) of every head by the angles of its row (Su et al. 2021).
  ///
  /// - Shapes: `self` [n, heads·headSize]; `cosine`, `sine` [n, headSize/2], not tracked → like `self`.
  /// - Saves: `cosine`, `sine`. The gradient is the inverse rotation.
  public func rotated(cosine: Tensor, sine: Tensor, headSize: Int) -> Tensor {
    let x = self
    let angles = Shape(shape.rows, headSize / 2)
    shape.require(
      headSize > 0 && headSize % 2 == 0 && shape.width % headSize == 0 && cosine.shape == angles
        && sine.shape == angles,
      .rotated, "[n, heads·\(headSize)] and angles [n, \(headSize / 2)]", cosine.shape, sine.shape)
    require(!cosine.isTracked && !sine.isTracked, "rotated: angles are constants")
    let y = Buffer(shape.count) {
      Kernel.rotate(x.span, cosine: cosine.span, sine: sine.span, headSize: headSize, direction: 1, into: &$0)
    }
    return Tensor(shape, y, by: .rotated, of: x) { [x = x.slot] dy, gradients in
      let dx = Buffer(x.shape.count) {
        Kernel.rotate(dy.span, cosine: cosine.span, sine: sine.span, headSize: headSize, direction: -1, into: &$0)
      }
      gradients.accumulate(x, Tensor(x.shape, dx))
    }
  }
}
