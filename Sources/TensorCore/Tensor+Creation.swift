import Kernels

extension Tensor {
  /// The given values.
  public init(_ shape: Shape, _ values: [Float], isParameter: Bool = false) {
    require(shape.count == values.count, "Tensor: shape \(shape) needs \(shape.count) values, got \(values.count)")
    let buffer = Buffer(values.count) { span in
      for i in values.indices { span[i] = values[i] }
    }
    self.init(shape, buffer, isParameter: isParameter)
  }

  /// Zeros.
  public init(zeros shape: Shape) { self.init(shape, Buffer(zeros: shape.count)) }

  /// The same values as a parameter (a leaf with a gradient) or as a constant.
  public func asLeaf(isParameter: Bool) -> Tensor { Tensor(shape, storage, isParameter: isParameter) }

  /// The values as an array; for tests and small results.
  public var values: [Float] {
    let span = span
    var values: [Float] = []
    values.reserveCapacity(span.count)
    for i in span.indices { values.append(span[i]) }
    return values
  }

  /// The only value of a tensor of one value.
  public var scalar: Float {
    require(shape.count == 1, "scalar: expected one value, got \(shape)")
    return span[0]
  }

  /// Whether no value is NaN or infinite.
  public var isFinite: Bool { Kernel.sumOfSquares(span).isFinite }
}
