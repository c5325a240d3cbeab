import Kernels

extension Tensor {
  /// Softmax by rows; the reference beside the fused attention and loss.
  ///
  /// - Shapes: […, D] → […, D], D > 0.
  /// - Saves: the result.
  public func softmax() -> Tensor {
    let x = self
    let width = shape.width
    shape.require(width > 0, .softmax, "[…, D] with D > 0")
    let values = Tensor(shape, Buffer(shape.count) { Kernel.softmax(x.span, width: width, into: &$0) })
    return Tensor(shape, values.storage, by: .softmax, of: [x], tracked: x.isTracked) { [x = x.slot] dy, gradients in
      gradients.accumulate(x) { Kernel.softmaxGradient(dy.span, values.span, width: width, addingTo: &$0) }
    }
  }
}
