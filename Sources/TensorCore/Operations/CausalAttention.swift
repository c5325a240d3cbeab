public import Kernels
import Synchronization

/// Which keys each query sees: causal, and from `firstKey[t]` on. Packed documents and sliding windows differ
/// only in `firstKey`, which never decreases.
public struct AttentionPattern: Sendable {
  public let firstKey: [Int32]
  /// The position of the first query among the keys; positive when earlier keys come from a cache.
  public let queryOffset: Int

  public init(firstKey: [Int32], queryOffset: Int = 0) { (self.firstKey, self.queryOffset) = (firstKey, queryOffset) }

  /// Every earlier key.
  public static func causal(queries: Int, queryOffset: Int = 0) -> AttentionPattern {
    AttentionPattern(firstKey: [Int32](repeating: 0, count: queries), queryOffset: queryOffset)
  }

  /// Of these, each query's own key and the `window − 1` before it (Mistral's sliding window); nil leaves all.
  public func windowed(_ window: Int?) -> AttentionPattern {
    guard let window else { return self }
    require(window > 0, "windowed: expected at least 1 key, got \(window)")
    let windowed = firstKey.enumerated().map { t, first in max(first, Int32(queryOffset + t + 1 - window)) }
    return AttentionPattern(firstKey: windowed, queryOffset: queryOffset)
  }

  /// Earlier keys of the same document; `starts` ascend from 0.
  public static func documents(starts: [Int32], count: Int) -> AttentionPattern {
    require(starts.first == 0 || count == 0, "documents: expected starts from 0, got \(starts.prefix(3))")
    var firstKey = [Int32](repeating: 0, count: count)
    for (start, end) in zip(starts, starts.dropFirst() + [Int32(count)]) {
      require(start <= end && end <= count, "documents: starts must ascend below \(count), got \(start), \(end)")
      for t in Int(start)..<Int(end) { firstKey[t] = start }
    }
    return AttentionPattern(firstKey: firstKey)
  }
}

extension Tensor {
  /// Causal attention, softmax(q·kᵀ/√headSize)·v, by tiles: no array of queries × keys exists. Heads are grouped:
  /// head h reads key head h / (heads / keyHeads).
  ///
  /// - Shapes: `q` [n, heads·headSize], `k`, `v` [m, keyHeads·headSize], n queries at `pattern.queryOffset` of m
  ///   keys → [n, heads·headSize].
  /// - Saves: `q`, `k`, `v`, the result and its log-sum-exp [heads, n] (both kept through a recomputed block).
  public static func causalAttention(
    q: Tensor, k: Tensor, v: Tensor, headSize: Int, pattern: AttentionPattern, precision: Precision = .fp32,
    keeping: inout Recomputation
  ) -> Tensor {
    q.shape.require(
      headSize > 0 && q.shape.width % headSize == 0 && k.shape.width % headSize == 0 && k.shape.width > 0
        && q.shape.width % k.shape.width == 0 && k.shape == v.shape && pattern.firstKey.count == q.shape.rows
        && pattern.queryOffset + q.shape.rows <= k.shape.rows,
      .causalAttention, "[n, heads·\(headSize)] and two [m, keyHeads·\(headSize)], n patterned queries within m keys",
      k.shape, v.shape)
    let heads = q.shape.width / headSize
    let extents = AttentionExtents(
      queries: q.shape.rows, keys: k.shape.rows, queryOffset: pattern.queryOffset, heads: heads,
      keyHeads: k.shape.width / headSize, headSize: headSize, scale: 1 / Float(headSize).squareRoot(),
      precision: precision)
    let (output, lse) = keeping.keeping {
      var output = Buffer(q.shape.count) { _ in }
      var lse = Buffer(heads * q.shape.rows) { _ in }
      var outputSpan = output.mutableSpan
      var lseSpan = lse.mutableSpan
      Kernel.attention(
        extents, q: q.span, k: k.span, v: v.span, firstKey: pattern.firstKey.span, output: &outputSpan, lse: &lseSpan)
      return (Tensor(q.shape, output), Tensor(Shape(heads, q.shape.rows), lse))
    }
    let tracked = q.isTracked || k.isTracked || v.isTracked
    // A replayed block is differentiated once, so its output can go before the gradients come.
    let saved = Mutex<Tensor?>(tracked ? output : nil), isReplay = !keeping.needsValues
    return Tensor(q.shape, output.storage, by: .causalAttention, of: [q, k, v], tracked: tracked) { dy, gradients in
      guard let products = saved.withLock({ isReplay ? $0.take() : $0 })?.attentionProducts(dy, extents) else {
        preconditionFailure("causalAttention: a replayed block was differentiated twice")
      }
      var dq = Buffer(zeros: q.shape.count)
      var dk = Buffer(zeros: k.shape.count)
      var dv = Buffer(zeros: k.shape.count)
      var dqSpan = dq.mutableSpan
      var dkSpan = dk.mutableSpan
      var dvSpan = dv.mutableSpan
      Kernel.attentionGradient(
        extents, q: q.span, k: k.span, v: v.span, firstKey: pattern.firstKey.span, products: products.span,
        lse: lse.span, dOutput: dy.span, addingTo: &dqSpan, &dkSpan, &dvSpan)
      gradients.accumulate(q, Tensor(q.shape, dq))
      gradients.accumulate(k, Tensor(k.shape, dk))
      gradients.accumulate(v, Tensor(k.shape, dv))
    }
  }

  /// Attention's output is needed no longer once its products with its gradient are there.
  private consuming func attentionProducts(_ dy: Tensor, _ extents: AttentionExtents) -> Tensor {
    let products = Buffer(extents.heads * extents.queries) {
      Kernel.attentionProducts(extents, output: span, dOutput: dy.span, into: &$0)
    }
    return Tensor(Shape(extents.heads, extents.queries), products)
  }
}
