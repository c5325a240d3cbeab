import Kernels

extension Tensor {
  /// Adds the gradients of this one value, times `weight`, with respect to every parameter it was made from.
  ///
  /// What operations have saved is given back as backward passes them, unless the caller keeps the tensor.
  public consuming func backward(weight: Float = 1, into gradients: inout Gradients) {
    require(shape.count == 1, "backward: expected one value, got \(shape)")
    let dy = Tensor(shape, [weight])
    backward(from: dy, into: &gradients)
  }

  /// Adds the gradients of ⟨dy, self⟩. Shape: dy like self.
  public consuming func backward(from dy: Tensor, into gradients: inout Gradients) {
    let trace = self.trace
    _ = consume self
    (consume trace).backward(from: dy, into: &gradients)
  }

  /// How this tensor came to be, without its values.
  var trace: Trace { Trace(node: node, slot: slot) }

  /// The same values, cut off from how they were made.
  public func detached() -> Tensor { asLeaf(isParameter: false) }
}

/// What backward needs of a result: the way it was made, not its values.
struct Trace: Sendable {
  let node: Node?
  let slot: GradientSlot

  consuming func backward(from dy: Tensor, into gradients: inout Gradients) {
    require(dy.shape == slot.shape, "backward: expected \(slot.shape), got \(dy.shape)")
    gradients.accumulate(slot, dy)
    (consume self).backward(into: &gradients)
  }

  /// Goes on from the gradient of the result that `gradients` holds already; nobody else needs to hold it.
  consuming func backward(into gradients: inout Gradients) {
    var order = node.map(Self.tracedOrder) ?? []
    _ = consume self
    while let node = order.popLast() {
      node.propagate(in: &gradients)
    }
  }

  /// Every node behind `root`, inputs before outputs. Its own stack: graphs may be deep.
  private static func tracedOrder(_ root: Node) -> [Node] {
    var order: [Node] = []
    var seen: Set<TensorID> = []
    var stack: [(node: Node, isDone: Bool)] = [(root, false)]
    while let (node, isDone) = stack.popLast() {
      if isDone {
        order.append(node)
      } else if seen.insert(node.id).inserted {
        stack.append((node, true))
        for input in node.inputs.reversed() { stack.append((input, false)) }
      }
    }
    return order
  }
}
