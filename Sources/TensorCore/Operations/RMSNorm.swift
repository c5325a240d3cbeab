import Kernels

extension Tensor {
  /// Divides each row by its root mean square, then scales it by `weight` (Zhang & Sennrich 2019).
  ///
  /// - Shapes: `self` […, D], `weight` [D] → […, D].
  /// - Saves: `self`, `weight`, one reciprocal RMS per row.
  public func rmsNormalized(by weight: Tensor, epsilon: Float = 1e-5) -> Tensor {
    let x = self
    let rows = shape.rows
    shape.require(weight.shape == Shape(shape.width), .rmsNormalized, "[…, D] and [D]", weight.shape)
    var y = Buffer(shape.count) { _ in }
    var inverseRMS = Buffer(rows) { _ in }
    var ySpan = y.mutableSpan
    var rSpan = inverseRMS.mutableSpan
    Kernel.rmsNorm(x.span, weight.span, epsilon: epsilon, into: &ySpan, inverseRMS: &rSpan)
    let r = Tensor(Shape(rows), inverseRMS)
    return Tensor(shape, y, by: .rmsNormalized, of: x, weight) { dy, gradients in
      gradients.accumulate(x) {
        Kernel.rmsNormInputGradient(dy.span, x.span, weight.span, inverseRMS: r.span, addingTo: &$0)
      }
      gradients.accumulate(weight) {
        Kernel.rmsNormWeightGradient(dy.span, x.span, inverseRMS: r.span, addingTo: &$0)
      }
    }
  }
}
