import TensorCore
import TestSupport

/// A layer made of the operations, once in Float and once in Double: what `recomputed` and `tiled` are tried on.
struct SmallLayer: Sendable {
  var tokens, width, inner, heads, keyHeads: Int
  /// Rows a tile of the feed-forward part has; nil for none.
  var tile: Int?
  var headSize: Int { width / heads }

  /// x, then the attention norm, q, k, v, o, the feed-forward norm, gate, up, down.
  var inputs: [OperationCase.Input] {
    let attention: [OperationCase.Input] = [
      .normal(width), .normal(width, width, scale: 0.4), .normal(keyHeads * headSize, width, scale: 0.4),
      .normal(keyHeads * headSize, width, scale: 0.4), .normal(width, width, scale: 0.4),
    ]
    return [.normal(tokens, width)] + attention + feedForwardInputs.dropFirst()
  }
  /// x, norm, gate, up, down.
  var feedForwardInputs: [OperationCase.Input] {
    [
      .normal(tokens, width), .normal(width), .normal(inner, width, scale: 0.4), .normal(inner, width, scale: 0.4),
      .normal(width, inner, scale: 0.4),
    ]
  }

  func callAsFunction(_ x: Tensor, _ p: [Tensor], _ recomputation: inout Recomputation) -> Tensor {
    let normalized = x.rmsNormalized(by: p[1])
    let attended = Tensor.causalAttention(
      q: normalized.linear(p[2]), k: normalized.linear(p[3]), v: normalized.linear(p[4]), headSize: headSize,
      pattern: .causal(queries: tokens), keeping: &recomputation)
    let h = x + attended.linear(p[5])
    let weights = Array(p[6...])
    guard let tile else { return feedForward(h, weights) }
    return h.tiled(rows: tile, needsValues: recomputation.needsValues) { feedForward($0, weights) }
  }

  func feedForward(_ h: Tensor, _ w: [Tensor]) -> Tensor {
    let normalized = h.rmsNormalized(by: w[0])
    return h + Tensor.swiGLU(gate: normalized.linear(w[1]), up: normalized.linear(w[2])).linear(w[3])
  }

  func oracle(_ p: [[Double]]) -> [Double] {
    let normalized = Oracle.rmsNorm(p[0], p[1], epsilon: 1e-5)
    let shape = Oracle.Attention(
      heads: heads, keyHeads: keyHeads, headSize: headSize, firstKey: [Int32](repeating: 0, count: tokens))
    let attended = Oracle.attention(
      shape, q: linear(normalized, p[2]), k: linear(normalized, p[3]), v: linear(normalized, p[4]))
    return feedForwardOracle([zip(p[0], linear(attended, p[5])).map(+)] + p[6...])
  }

  func feedForwardOracle(_ p: [[Double]]) -> [Double] {
    let normalized = Oracle.rmsNorm(p[0], p[1], epsilon: 1e-5)
    let activated = Oracle.swiGLU(gate: linear(normalized, p[2]), up: linear(normalized, p[3]))
    return zip(p[0], linear(activated, p[4])).map(+)
  }

  private func linear(_ x: [Double], _ w: [Double]) -> [Double] {
    let k = tokens == 0 ? 0 : x.count / tokens
    return Oracle.matmul(x, w, m: tokens, n: k == 0 ? 0 : w.count / k, k: k, rightTransposed: true)
  }
}

extension OperationCases {
  static let combinators: [OperationCase] =
    [
      SmallLayer(tokens: 3, width: 4, inner: 3, heads: 2, keyHeads: 1, tile: nil),
      SmallLayer(tokens: 7, width: 8, inner: 11, heads: 4, keyHeads: 2, tile: 3),
      SmallLayer(tokens: 65, width: 8, inner: 9, heads: 2, keyHeads: 2, tile: 64),
    ].map { layer in
      OperationCase(
        .recomputed, layer.tile.map { "tiles of \($0) inside" } ?? "no tiles inside", inputs: layer.inputs,
        accumulates: 65,
        apply: { p in p[0].recomputed { x, recomputation in layer(x, p, &recomputation) } }, oracle: layer.oracle)
    }
    + [(1, 1), (7, 3), (6, 3), (65, 64), (5, 100), (0, 3)].map { tokens, tile in
      let layer = SmallLayer(tokens: tokens, width: 4, inner: 5, heads: 1, keyHeads: 1)
      return OperationCase(
        .tiled, "tiles of \(tile)", inputs: layer.feedForwardInputs, accumulates: 65,
        apply: { p in
          let weights = Array(p[1...])
          return p[0].tiled(rows: tile) { layer.feedForward($0, weights) }
        }, oracle: layer.feedForwardOracle)
    }
}
