import TensorCore
import TestSupport

extension OperationCases {
  // A tile is 256 rows of queries·heads by 512 keys.
  static let attention: [OperationCase] = [
    attention("one token", heads: 2, keyHeads: 2, headSize: 8, .causal(queries: 1)),
    attention("every element", heads: 2, keyHeads: 1, headSize: 2, .causal(queries: 5)),
    attention("no token", heads: 2, keyHeads: 1, headSize: 2, .causal(queries: 0)),
    attention("within a tile", heads: 3, keyHeads: 3, headSize: 8, .causal(queries: 5)),
    attention("over a query tile", heads: 3, keyHeads: 1, headSize: 16, .causal(queries: 257)),
    attention("over a key tile", heads: 8, keyHeads: 2, headSize: 8, .causal(queries: 600)),
    attention("over two key tiles", heads: 2, keyHeads: 1, headSize: 8, .causal(queries: 1100)),
    attention("wide heads", heads: 4, keyHeads: 1, headSize: 64, .causal(queries: 65)),
    attention("widest heads", heads: 3, keyHeads: 1, headSize: 128, .causal(queries: 90)),
    attention(
      "documents", heads: 4, keyHeads: 2, headSize: 8, .documents(starts: [0, 1, 130, 515, 600], count: 650)),
    attention("sliding window", heads: 3, keyHeads: 3, headSize: 8, .causal(queries: 600).windowed(71)),
    attention("after cached keys", heads: 4, keyHeads: 1, headSize: 16, .causal(queries: 20, queryOffset: 500)),
    attention(
      "room for more keys", heads: 2, keyHeads: 1, headSize: 8, .causal(queries: 3, queryOffset: 4), keys: 20),
  ]

  private static func attention(
    _ note: String, heads: Int, keyHeads: Int, headSize: Int, _ pattern: AttentionPattern, keys: Int? = nil
  ) -> OperationCase {
    let queries = pattern.firstKey.count
    let keys = keys ?? pattern.queryOffset + queries
    let shape = Oracle.Attention(
      heads: heads, keyHeads: keyHeads, headSize: headSize, queryOffset: pattern.queryOffset,
      firstKey: pattern.firstKey)
    return OperationCase(
      .causalAttention, note,
      inputs: [
        .normal(queries, heads * headSize), .normal(keys, keyHeads * headSize), .normal(keys, keyHeads * headSize),
      ], accumulates: keys, linear: [[2]],
      apply: {
        var recomputation = Recomputation.none
        return .causalAttention(
          q: $0[0], k: $0[1], v: $0[2], headSize: headSize, pattern: pattern, keeping: &recomputation)
      },
      oracle: { Oracle.attention(shape, q: $0[0], k: $0[1], v: $0[2]) })
  }
}
