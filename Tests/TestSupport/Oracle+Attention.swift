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
