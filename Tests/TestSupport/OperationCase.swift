public import TensorCore

/// One row of the table that every differentiable operation is tested from.
public struct OperationCase: Sendable, CustomStringConvertible {
  /// A random input.
  public struct Input: Sendable {
    public var shape: Shape
    /// The standard deviation of its values.
    public var scale: Double
    public static func normal(_ extents: Int..., scale: Double = 1) -> Input {
      Input(shape: Shape(extents), scale: scale)
    }
    public static func normal(_ shape: Shape) -> Input { Input(shape: shape, scale: 1) }
  }

  public let operation: Operation
  /// What is special about this row.
  public let note: String
  public let inputs: [Input]
  /// Terms in the longest sum behind one value of the result; chooses the tolerance.
  public let accumulates: Int
  /// Sets of inputs in which the result is linear while the others stay.
  public let linear: [[Int]]
  /// The operation itself.
  public let apply: @Sendable ([Tensor]) -> Tensor
  /// The same formula in Double.
  public let oracle: @Sendable ([[Double]]) -> [Double]

  public init(
    _ operation: Operation, _ note: String = "", inputs: [Input], accumulates: Int = 1, linear: [[Int]] = [],
    apply: @escaping @Sendable ([Tensor]) -> Tensor, oracle: @escaping @Sendable ([[Double]]) -> [Double]
  ) {
    (self.operation, self.note, self.inputs) = (operation, note, inputs)
    (self.accumulates, self.linear, self.apply, self.oracle) = (accumulates, linear, apply, oracle)
  }

  public var description: String {
    let shapes = inputs.map(\.shape.description).joined(separator: " ")
    return "\(operation) \(shapes)" + (note.isEmpty ? "" : " (\(note))")
  }
}

extension OperationCase {
  /// The values this row is tested with; the same in every run.
  public func values(seed: UInt64 = 7) -> [[Float]] {
    var random = SplitMix64(seed: seed)
    return inputs.map { random.normals($0.shape.count, scale: $0.scale) }
  }

  /// The inputs as tensors; those that `areParameters` says are tracked.
  public func tensors(_ values: [[Float]], areParameters: (Int) -> Bool = { _ in true }) -> [Tensor] {
    inputs.indices.map { Tensor(inputs[$0].shape, values[$0], isParameter: areParameters($0)) }
  }

  /// The result and the gradient of ⟨u, result⟩ with respect to each input, nil where none arrived.
  public func run(
    _ values: [[Float]], cotangent: [Float]? = nil, areParameters: (Int) -> Bool = { _ in true }
  ) -> (result: [Float], gradients: [[Float]?]) {
    let tensors = tensors(values, areParameters: areParameters)
    let y = apply(tensors)
    var gradients = Gradients()
    y.backward(
      from: Tensor(y.shape, cotangent ?? self.cotangent(count: y.shape.count)), into: &gradients)
    return (y.values, tensors.map { gradients[$0]?.values })
  }

  /// A random weight for each value of the result.
  public func cotangent(count: Int) -> [Float] {
    var random = SplitMix64(seed: 11)
    return random.normals(count)
  }
}
