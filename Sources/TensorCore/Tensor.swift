import Synchronization
import Kernels

/// Names a tensor for its gradient; never used twice in a process.
public struct TensorID: Hashable, Sendable {
  private static let next = Atomic<Int>(0)
  private let number: Int
  init() { number = Self.next.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// Adds the gradients of an operation's inputs, given that of its output.
public typealias Pullback = @Sendable (_ dy: Tensor, _ gradients: inout Gradients) -> Void

/// How a tensor came to be. It keeps no values: those that backward needs are what the pullback captures.
final class Node: Sendable {
  let operation: Operation
  /// The tensor this node made.
  let id: TensorID
  let inputs: [Node]
  /// Adds the gradients of the inputs, given that `gradients` holds this node's.
  private let propagate: @Sendable (_ id: TensorID, _ gradients: inout Gradients) -> Void
  init(_ operation: Operation, _ id: TensorID, _ inputs: [Tensor], _ pullback: @escaping Pullback) {
    (self.operation, self.id) = (operation, id)
    self.inputs = inputs.compactMap(\.node)
    propagate = { id, gradients in
      if let dy = gradients.take(id) { pullback(dy, &gradients) }
    }
  }

  /// A node whose gradient another graph takes over, so that nobody holds it meanwhile.
  init(
    _ operation: Operation, _ id: TensorID, _ inputs: [Tensor],
    handingOver propagate: @escaping @Sendable (_ id: TensorID, _ gradients: inout Gradients) -> Void
  ) {
    (self.operation, self.id, self.propagate) = (operation, id, propagate)
    self.inputs = inputs.compactMap(\.node)
  }

  func propagate(in gradients: inout Gradients) { propagate(id, &gradients) }
}

/// Where the gradient of a tensor goes; captured instead of the tensor when backward does not need its values.
struct GradientSlot: Sendable {
  let id: TensorID
  let shape: Shape
  let isTracked: Bool
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
    require(shape.count == values.count, "Tensor: shape \(shape) needs \(shape.count) values, got \(values.count)")
    self.init(shape, values.frozen(), isParameter: isParameter)
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
    require(shape.count == values.count, "\(operation): \(shape) needs \(shape.count) values, got \(values.count)")
    self.init(shape, values.frozen(), by: operation, of: inputs, tracked: tracked, pullback: pullback)
  }

  /// As above, over values that exist already.
  init(
    _ shape: Shape, _ storage: Storage, by operation: Operation, of inputs: [Tensor], tracked: Bool,
    pullback: @escaping Pullback
  ) {
    (self.shape, self.storage, id, isParameter) = (shape, storage, TensorID(), false)
    node = tracked ? Node(operation, id, inputs, pullback) : nil
  }

  /// As above, for a combinator that hands its gradient over to another graph.
  init(
    _ shape: Shape, _ storage: Storage, by operation: Operation, of inputs: [Tensor],
    handingOver propagate: @escaping @Sendable (_ id: TensorID, _ gradients: inout Gradients) -> Void
  ) {
    (self.shape, self.storage, id, isParameter) = (shape, storage, TensorID(), false)
    node = Node(operation, id, inputs, handingOver: propagate)
  }

  /// A leaf.
  init(_ shape: Shape, _ storage: Storage, isParameter: Bool) {
    (self.shape, self.storage, self.isParameter, id, node) = (shape, storage, isParameter, TensorID(), nil)
  }

  var slot: GradientSlot { GradientSlot(id: id, shape: shape, isTracked: isTracked) }

  /// Whether a gradient flows through or into this tensor.
  public var isTracked: Bool { isParameter || node != nil }
}
