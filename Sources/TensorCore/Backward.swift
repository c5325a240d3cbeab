import Kernels

extension Tensor {
  /// Adds the gradients of this one value, times `weight`, with respect to every parameter it was made from.
  public func backward(weight: Float = 1, into gradients: inout Gradients) {
    precondition(shape.count == 1, "backward: expected one value, got \(shape)")
    backward(from: Tensor(shape, [weight]), into: &gradients)
  }

  /// Adds the gradients of ⟨dy, self⟩. Shape: dy like self.
  public func backward(from dy: Tensor, into gradients: inout Gradients) {
    precondition(dy.shape == shape, "backward: expected \(shape), got \(dy.shape)")
    gradients.accumulate(self, dy)
    var order = node.map(Self.tracedOrder) ?? []
    while let node = order.popLast() {
      if let dy = gradients.take(node.id) { node.pullback(dy, &gradients) }
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

  /// The same values, cut off from how they were made.
  public func detached() -> Tensor { asLeaf(isParameter: false) }
}
