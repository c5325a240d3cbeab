public import Kernels

/// A tensor that is going to be written.
public struct TensorPlan: Equatable, Sendable {
  public let name: String
  /// ggml's order, fastest first: the reverse of torch's shape.
  public let extents: [Int]
  public let type: TensorType

  public init(name: String, extents: [Int], type: TensorType) {
    self.name = name
    self.extents = extents
    self.type = type
  }

  /// A plan from a shape in torch's order, `[rows, columns]` for a weight matrix.
  public init(name: String, shape: [Int], type: TensorType) {
    self.init(name: name, extents: shape.reversed(), type: type)
  }

  /// Product of the extents.
  public var elementCount: Int { extents.reduce(1, *) }
}
