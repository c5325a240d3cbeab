import Synchronization
import TensorCore

/// The sums of squares of what comes into a projection, per column.
final class InputSquares: Sendable {
  private struct State {
    var sums: [Double]
    var count = 0
  }
  private let state: Mutex<State>

  init(width: Int) { state = Mutex(State(sums: [Double](repeating: 0, count: width))) }

  /// - Shapes: x [n, width].
  func add(_ x: Tensor) {
    state.withLock { state in
      let values = x.span, width = state.sums.count
      for start in stride(from: 0, to: values.count, by: width) {
        for column in 0..<width {
          let value = Double(values[start + column])
          state.sums[column] += value * value
        }
      }
      state.count += values.count / width
    }
  }

  /// The mean square of each column; zeros before anything came in.
  var meanSquares: [Float] {
    state.withLock { state in state.sums.map { Float($0 / Double(max(1, state.count))) } }
  }
}

extension Llama {
  /// How strongly each column of each projection's input is used by some texts: the mean of its squares. A quantiser
  /// that weights errors by it harms those columns least.
  ///
  /// The embedding and the output layer are not among them.
  ///
  /// - Parameters:
  ///   - texts: token ids; each is read from position 0.
  ///   - onText: sees how many texts are done; false ends the measurement.
  /// - Returns: by parameter name, such as `model.layers.0.mlp.down_proj.weight`; [columns] each.
  public func inputMeanSquares(
    over texts: [[Int32]], onText: (_ done: Int) -> Bool = { _ in true }
  ) -> [String: [Float]] {
    var model = frozen()
    var recorders: [String: InputSquares] = [:]
    model.visitProjections { name, projection in
      let recorder = InputSquares(width: projection.weight.shape.width)
      (projection.inputSquares, recorders[name + ".weight"]) = (recorder, recorder)
    }
    for (index, text) in texts.enumerated() where !text.isEmpty {
      _ = model.hidden(tokens: text)
      if !onText(index + 1) { break }
    }
    return recorders.mapValues(\.meanSquares)
  }

  /// Visits the projections of every block, named as their parameters are.
  private mutating func visitProjections(_ visit: (String, inout Linear) -> Void) {
    for layer in blocks.indices {
      let block = "model.layers.\(layer)."
      visit(block + "self_attn.q_proj", &blocks[layer].query)
      visit(block + "self_attn.k_proj", &blocks[layer].key)
      visit(block + "self_attn.v_proj", &blocks[layer].value)
      visit(block + "self_attn.o_proj", &blocks[layer].output)
      visit(block + "mlp.gate_proj", &blocks[layer].gate)
      visit(block + "mlp.up_proj", &blocks[layer].up)
      visit(block + "mlp.down_proj", &blocks[layer].down)
    }
  }
}
