public import Kernels

// Neither is differentiable.
extension Tensor {
  /// Attention of a few queries over cached keys and values, which already hold the queries' own.
  ///
  /// - Shapes: `q` [n, heads·headSize] → the same.
  public static func cachedAttention(
    q: Tensor, pages: [CachePage], keyHeads: Int, headSize: Int, pattern: AttentionPattern
  ) -> Tensor {
    let extents = AttentionExtents(
      queries: q.shape.rows, keys: pages.count * CachePage.tokens, queryOffset: pattern.queryOffset,
      heads: q.shape.width / headSize, keyHeads: keyHeads, headSize: headSize,
      scale: 1 / Float(headSize).squareRoot())
    let output = Buffer(q.shape.count) {
      Kernel.attention(extents, q: q.span, pages: pages, firstKey: pattern.firstKey.span, output: &$0)
    }
    return Tensor(q.shape, output)
  }

  /// The first `count` cached keys and values. Shapes: [count, keyHeads·headSize] each.
  public static func keysAndValues(in pages: [CachePage], count: Int) -> (Tensor, Tensor) {
    let width = pages.first.map { $0.keyHeads * $0.headSize } ?? 0
    var keys = Buffer(count * width) { _ in }
    var values = Buffer(count * width) { _ in }
    var keySpan = keys.mutableSpan
    var valueSpan = values.mutableSpan
    Kernel.load(pages, count: count, k: &keySpan, v: &valueSpan)
    return (Tensor(Shape(count, width), keys), Tensor(Shape(count, width), values))
  }
}
