import Kernels
public import TensorCore

/// y = x·Wᵀ + b.
public struct Linear: Sendable {
  /// [out, in]
  public var weight: Tensor
  /// [out]
  public var bias: Tensor?
  /// The weight in the blocks of its file, for inference; `weight` is then empty.
  var stored: BlockMatrix?
  /// Sees every input while a model's activations are measured; nil otherwise.
  var inputSquares: InputSquares?

  init(weight: Tensor, bias: Tensor?) { (self.weight, self.bias) = (weight, bias) }

  func callAsFunction(_ x: Tensor, _ precision: Precision) -> Tensor {
    inputSquares?.add(x)
    let y = stored.map { x.linear($0, precision: precision) } ?? x.linear(weight, precision: precision)
    return bias.map(y.biased(by:)) ?? y
  }

  /// Of the normalized x, which exists by tiles of `rows` only.
  func callAsFunction(
    _ x: Tensor, normalizedBy gain: Tensor, epsilon: Float, rows: Int, _ precision: Precision
  ) -> Tensor {
    let y = x.rmsNormalizedLinear(by: gain, epsilon: epsilon, weight, rows: rows, precision: precision)
    return bias.map(y.biased(by:)) ?? y
  }

  /// The same with constants for parameters.
  func detached() -> Linear {
    var constant = Linear(weight: weight.detached(), bias: bias?.detached())
    constant.stored = stored
    return constant
  }

  mutating func visit<E: Error>(
    _ name: String, _ body: (String, inout Tensor) throws(E) -> Void
  ) throws(E) {
    try body(name + ".weight", &weight)
    guard var bias else { return }
    self.bias = nil  // so that `body` has the only reference and may write in place
    defer { self.bias = bias }
    try body(name + ".bias", &bias)
  }
}
