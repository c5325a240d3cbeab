import Kernels

/// Gradients by tensor: a value that `backward` fills and an optimizer reads.
public struct Gradients: Sendable {
  private var byTensor: [TensorID: Tensor] = [:]

  public init() {}

  /// The gradient of a parameter, or nil if none reached it. Shape: that of the parameter.
  public subscript(_ x: Tensor) -> Tensor? { byTensor[x.id] }

  /// Lets `add` add to the gradient of `x`, which starts at zero; returns at once when `x` is not tracked.
  mutating func accumulate(_ x: Tensor, _ add: (inout MutableSpan<Float>) -> Void) { accumulate(x.slot, add) }
  mutating func accumulate(_ x: GradientSlot, _ add: (inout MutableSpan<Float>) -> Void) {
    guard x.isTracked else { return }
    var total = byTensor.removeValue(forKey: x.id) ?? Tensor(zeros: x.shape)
    var span = total.mutableSpan
    add(&span)
    byTensor[x.id] = total
  }

  /// Lets `form` set the gradient of `x`, or add to it when it is `accumulating`.
  mutating func accumulate(product x: Tensor, _ form: (inout MutableSpan<Float>, _ accumulating: Bool) -> Void) {
    guard x.isTracked else { return }
    guard var total = byTensor.removeValue(forKey: x.id) else {
      byTensor[x.id] = Tensor(x.shape, Buffer(x.shape.count) { form(&$0, false) })
      return
    }
    var span = total.mutableSpan
    form(&span, true)
    byTensor[x.id] = total
  }

  /// Adds a whole gradient; the first is kept as it is, without a copy.
  mutating func accumulate(_ x: Tensor, _ dx: Tensor) { accumulate(x.slot, dx) }
  mutating func accumulate(_ x: GradientSlot, _ dx: Tensor) {
    guard x.isTracked else { return }
    if byTensor[x.id] == nil {
      byTensor[x.id] = dx.asLeaf(isParameter: false)
    } else {
      accumulate(x) { Kernel.add(dx.span, addingTo: &$0) }
    }
  }

  mutating func take(_ id: TensorID) -> Tensor? { byTensor.removeValue(forKey: id) }

  /// Makes the gradient of one tensor that of another, without a copy.
  mutating func hand(_ id: TensorID, to x: GradientSlot) {
    guard let dx = take(id) else { return }
    accumulate(x, dx)
  }

  /// √Σg² over the given parameters, in double. Infinite or NaN as soon as one gradient is.
  public func norm(of parameters: [Tensor]) -> Double {
    parameters.reduce(0) { sum, x in sum + (self[x].map { Kernel.sumOfSquares($0.span) } ?? 0) }.squareRoot()
  }
}
