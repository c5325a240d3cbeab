import Foundation

extension Oracle {
  /// What attention computes over, said once more for the oracle.
  public struct Attention: Sendable {
    public var heads, keyHeads, headSize, queryOffset: Int
    /// The first key each query sees; the last is that of its own position.
    public var firstKey: [Int32]
    public init(heads: Int, keyHeads: Int, headSize: Int, queryOffset: Int = 0, firstKey: [Int32]) {
      (self.heads, self.keyHeads, self.headSize) = (heads, keyHeads, headSize)
      (self.queryOffset, self.firstKey) = (queryOffset, firstKey)
    }
  }

  /// Σ_j softmax_j(q·k_j / √headSize)·v_j over the visible keys, head by head.
  ///
  /// Shapes: q [n, heads·headSize]; k, v [m, keyHeads·headSize] → like q.
  public static func attention(_ shape: Attention, q: [Double], k: [Double], v: [Double]) -> [Double] {
    let (d, width, keyWidth) = (shape.headSize, shape.heads * shape.headSize, shape.keyHeads * shape.headSize)
    var output = [Double](repeating: 0, count: q.count)
    for t in shape.firstKey.indices {
      let keys = Int(shape.firstKey[t])...(shape.queryOffset + t)
      for head in 0..<shape.heads {
        let query = t * width + head * d
        let column = head / (shape.heads / shape.keyHeads) * d
        let scores = keys.map { key in
          var dot = 0.0
          for i in 0..<d { dot += q[query + i] * k[key * keyWidth + column + i] }
          return dot / Double(d).squareRoot()
        }
        let shares = softmax(scores, width: scores.count)
        for (share, key) in zip(shares, keys) {
          for i in 0..<d { output[query + i] += share * v[key * keyWidth + column + i] }
        }
      }
    }
    return output
  }
}

extension Oracle {
  /// Gradients of ⟨dOutput, attention⟩ and the log-sum-exp of each row of scores, from the formulas:
  /// dV = Pᵀ·dO, dP = dO·Vᵀ, dS = P∘(dP − rowsum(dP∘P)), dQ = dS·K/√d, dK = dSᵀ·Q/√d.
  ///
  /// Shapes: dq like q; dk, dv like k; lse [heads, n].
  public static func attentionGradient(
    _ shape: Attention, q: [Double], k: [Double], v: [Double], dOutput: [Double]
  ) -> (dq: [Double], dk: [Double], dv: [Double], lse: [Double]) {
    let (d, width, keyWidth) = (shape.headSize, shape.heads * shape.headSize, shape.keyHeads * shape.headSize)
    let scale = 1 / Double(d).squareRoot()
    var dq = [Double](repeating: 0, count: q.count)
    var dk = [Double](repeating: 0, count: k.count)
    var dv = dk
    var lse = [Double](repeating: 0, count: shape.heads * shape.firstKey.count)
    func dot(_ a: [Double], _ i: Int, _ b: [Double], _ j: Int) -> Double {
      var sum = 0.0
      for l in 0..<d { sum += a[i + l] * b[j + l] }
      return sum
    }
    for t in shape.firstKey.indices {
      let keys = Int(shape.firstKey[t])...(shape.queryOffset + t)
      for head in 0..<shape.heads {
        let query = t * width + head * d
        let rows = keys.map { $0 * keyWidth + head / (shape.heads / shape.keyHeads) * d }
        let scores = rows.map { scale * dot(q, query, k, $0) }
        let p = softmax(scores, width: scores.count)
        lse[head * shape.firstKey.count + t] = scores[0] - log(p[0])
        let dp = rows.map { dot(dOutput, query, v, $0) }
        let mean = zip(p, dp).reduce(0) { $0 + $1.0 * $1.1 }
        for (i, row) in rows.enumerated() {
          let ds = p[i] * (dp[i] - mean)
          for l in 0..<d {
            dq[query + l] += scale * ds * k[row + l]
            dk[row + l] += scale * ds * q[query + l]
            dv[row + l] += p[i] * dOutput[query + l]
          }
        }
      }
    }
    return (dq, dk, dv, lse)
  }
}
