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
    var order = tracedOrder()
    while let y = order.popLast() {
      guard let node = y.node, let dy = gradients.take(y) else { continue }
      node.pullback(dy, &gradients)
    }
  }

  /// Every tensor behind this one that has a node, inputs before outputs. Its own stack: graphs may be deep.
  private func tracedOrder() -> [Tensor] {
    var order: [Tensor] = []
    var seen: Set<TensorID> = []
    var stack: [(tensor: Tensor, isDone: Bool)] = [(self, false)]
    while let (tensor, isDone) = stack.popLast() {
      if isDone {
        order.append(tensor)
      } else if let node = tensor.node, seen.insert(tensor.id).inserted {
        stack.append((tensor, true))
        for input in node.inputs.reversed() { stack.append((input, false)) }
      }
    }
    return order
  }

  /// The same values, cut off from how they were made.
  public func detached() -> Tensor { asLeaf(isParameter: false) }
}
