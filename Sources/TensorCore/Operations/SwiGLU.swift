import Kernels

extension Tensor {
  /// silu(gate)∘up, the activation of a gated feed-forward layer (Shazeer 2020).
  ///
  /// - Shapes: `gate` and `up` alike.
  /// - Saves: both inputs.
  public static func swiGLU(gate: Tensor, up: Tensor) -> Tensor {
    gate.shape.require(gate.shape == up.shape, .swiGLU, "equal shapes", up.shape)
    let y = Buffer(gate.shape.count) { Kernel.swiGLU(gate.span, up.span, into: &$0) }
    return Tensor(gate.shape, y, by: .swiGLU, of: gate, up) { dy, gradients in
      var dGate = Buffer(gate.shape.count) { _ in }
      var dUp = Buffer(gate.shape.count) { _ in }
      var dGateSpan = dGate.mutableSpan
      var dUpSpan = dUp.mutableSpan
      Kernel.swiGLUGradient(dy.span, gate.span, up.span, into: &dGateSpan, and: &dUpSpan)
      gradients.accumulate(gate, Tensor(gate.shape, dGate))
      gradients.accumulate(up, Tensor(gate.shape, dUp))
    }
  }
}
