import Synchronization

/// Names a tensor for its gradient; never used twice in a process.
public struct TensorID: Hashable, Sendable {
  private static let next = Atomic<Int>(0)
  private let number: Int
  init() { number = Self.next.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// Adds the gradients of an operation's inputs, given that of its output.
public typealias Pullback = @Sendable (_ dy: Tensor, _ gradients: inout Gradients) -> Void

/// How a tensor came to be: what backward needs, and nothing else.
final class Node: Sendable {
  let operation: Operation
  let inputs: [Tensor]
  let pullback: Pullback
  init(_ operation: Operation, _ inputs: [Tensor], _ pullback: @escaping Pullback) {
    (self.operation, self.inputs, self.pullback) = (operation, inputs, pullback)
  }
}

/// An array of Float with value semantics that remembers, where needed, how to differentiate itself.
public struct Tensor: Sendable {
  public let shape: Shape
  /// The key of this tensor's gradient.
  public let id: TensorID
  /// Whether `backward` leaves a gradient for this tensor.
  public let isParameter: Bool
  var storage: Storage
  let node: Node?

  /// A constant, or a parameter to be trained.
  public init(_ shape: Shape, _ values: consuming Buffer, isParameter: Bool = false) {
    precondition(shape.count == values.count, "Tensor: shape \(shape) needs \(shape.count) values, got \(values.count)")
    self.init(shape, values.frozen(), isParameter: isParameter, node: nil)
  }

  /// The one way to make a tracked tensor: it demands the operation's gradient.
  init(
    _ shape: Shape, _ values: consuming Buffer, by operation: Operation, of inputs: Tensor...,
    pullback: @escaping Pullback
  ) {
    let tracked = inputs.contains(where: \.isTracked)
    self.init(shape, values, by: operation, of: inputs, tracked: tracked, pullback: pullback)
  }

  /// As above, for combinators whose closures capture parameters.
  init(
    _ shape: Shape, _ values: consuming Buffer, by operation: Operation, of inputs: [Tensor], tracked: Bool,
    pullback: @escaping Pullback
  ) {
    precondition(shape.count == values.count, "\(operation): \(shape) needs \(shape.count) values, got \(values.count)")
    self.init(
      shape, values.frozen(), isParameter: false, node: tracked ? Node(operation, inputs, pullback) : nil)
  }

  init(_ shape: Shape, _ storage: Storage, isParameter: Bool, node: Node?) {
    (self.shape, self.storage, self.isParameter, self.node) = (shape, storage, isParameter, node)
    id = TensorID()
  }

  /// Whether a gradient flows through or into this tensor.
  public var isTracked: Bool { isParameter || node != nil }
}
