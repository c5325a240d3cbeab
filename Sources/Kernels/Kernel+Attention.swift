import CKernels

/// What attention computes over: extents, scale and, for every query, the first key it sees.
///
/// Query t sees the keys `firstKey[t] … queryOffset + t`; `firstKey` never decreases. Causal attention, packed
/// documents and sliding windows differ only in `firstKey`.
public struct AttentionExtents: Sendable {
  public var queries, keys, queryOffset, heads, keyHeads, headSize: Int
  public var scale: Float
  public init(
    queries: Int, keys: Int, queryOffset: Int, heads: Int, keyHeads: Int, headSize: Int, scale: Float
  ) {
    (self.queries, self.keys, self.queryOffset) = (queries, keys, queryOffset)
    (self.heads, self.keyHeads, self.headSize, self.scale) = (heads, keyHeads, headSize, scale)
  }

  @unsafe fileprivate func shape(_ firstKey: Address<Int32>) -> ck_attention_shape {
    unsafe ck_attention_shape(
      simd: InstructionSet.current.c, query_count: queries, key_count: keys, query_offset: queryOffset, heads: heads,
      kv_heads: keyHeads,
      head_size: headSize, scale: scale, first_key: firstKey.base)
  }

  fileprivate func check(_ q: Int, _ k: Int, _ v: Int, _ firstKey: Span<Int32>) {
    require(
      q == queries * heads * headSize && k == keys * keyHeads * headSize && v == k, "attention",
      "expected queries [\(queries), \(heads)·\(headSize)], keys and values [\(keys), \(keyHeads)·\(headSize)], "
        + "got \(q), \(k), \(v) values")
    require(keyHeads > 0 && heads % keyHeads == 0, "attention", "\(heads) heads cannot share \(keyHeads) key heads")
    require(
      queryOffset >= 0 && queryOffset + queries <= keys, "attention",
      "queries \(queryOffset)..<\(queryOffset + queries) need as many keys, got \(keys)")
    require(firstKey.count == queries, "attention", "expected \(queries) first keys, got \(firstKey.count)")
    var least: Int32 = 0
    for t in firstKey.indices {
      require(
        firstKey[t] >= least && Int(firstKey[t]) <= queryOffset + t, "attention",
        "first key \(firstKey[t]) of query \(t) must lie in \(least)...\(queryOffset + t)")
      least = firstKey[t]
    }
  }
}

extension Kernel {
  /// softmax(scale·q·kᵀ)·v by tiles; also the log-sum-exp of each row of scores.
  ///
  /// - Shapes: q, output [queries, heads·headSize]; k, v [keys, keyHeads·headSize]; lse [heads, queries].
  public static func attention(
    _ e: AttentionExtents, q: Span<Float>, k: Span<Float>, v: Span<Float>, firstKey: Span<Int32>,
    output: inout MutableSpan<Float>, lse: inout MutableSpan<Float>
  ) {
    e.check(q.count, k.count, v.count, firstKey)
    require(
      output.count == q.count && lse.count == e.heads * e.queries, "attention",
      "expected \(q.count) outputs and \(e.heads * e.queries) sums, got \(output.count) and \(lse.count)")
    guard e.queries > 0 else { return }
    let firstKey = unsafe Address(firstKey)
    let shape = unsafe e.shape(firstKey)
    let q = unsafe Address(q)
    let k = unsafe Address(k)
    let v = unsafe Address(v)
    let output = unsafe MutableAddress(&output)
    let lse = unsafe MutableAddress(&lse)
    let size = unsafe ck_attention_query_block(shape)
    let blocks = (e.queries + size - 1) / size
    let threads = Parallel.threadCount
    unsafe withScratch(ck_attention_scratch(shape), per: threads) { scratch, each in
      // Late blocks see the most keys and go first, so that no thread is left with one at the end.
      Parallel.run(blocks * e.keyHeads, threads: threads) { task, worker in
        unsafe ck_attention_forward(
          e.shape(firstKey), q.base, k.base, v.base, task % e.keyHeads, blocks - 1 - task / e.keyHeads,
          scratch.base + worker * each, output.base, lse.base)
      }
    }
  }

  /// Gradients of `attention`, added to dq, dk and dv.
  ///
  /// Query blocks go one after the other; within one, each task owns a run of key blocks of one key head: it adds
  /// to their dk and dv and leaves its share of dq in a partial, and the partials are added in order. So five
  /// products suffice, memory stays O(n), and the bits depend on nothing but the shape.
  public static func attentionGradient(
    _ e: AttentionExtents, q: Span<Float>, k: Span<Float>, v: Span<Float>, firstKey: Span<Int32>,
    output: Span<Float>, lse: Span<Float>, dOutput: Span<Float>,
    addingTo dq: inout MutableSpan<Float>, _ dk: inout MutableSpan<Float>, _ dv: inout MutableSpan<Float>
  ) {
    e.check(q.count, k.count, v.count, firstKey)
    require(
      output.count == q.count && dOutput.count == q.count && dq.count == q.count && dk.count == k.count
        && dv.count == k.count && lse.count == e.heads * e.queries, "attention",
      "gradient extents differ from those of the forward pass")
    guard e.queries > 0 else { return }
    let firstKey = unsafe Address(firstKey)
    let shape = unsafe e.shape(firstKey)
    let q = unsafe Address(q)
    let k = unsafe Address(k)
    let v = unsafe Address(v)
    let output = unsafe Address(output)
    let lse = unsafe Address(lse)
    let dOutput = unsafe Address(dOutput)
    let dq = unsafe MutableAddress(&dq)
    let dk = unsafe MutableAddress(&dk)
    let dv = unsafe MutableAddress(&dv)
    let size = unsafe ck_attention_query_block(shape)
    let blocks = (e.queries + size - 1) / size
    let packedSize = unsafe ck_attention_packed(shape)
    let most = 16
    let partialSize = unsafe ck_attention_partial(shape)
    let threads = Parallel.threadCount
    unsafe withScratch(ck_attention_scratch(shape), per: threads) { scratch, each in
      unsafe withScratch(packedSize, per: e.keyHeads) { packed, _ in
        unsafe withScratch(partialSize, per: e.keyHeads * most) { partials, _ in
          for block in 0..<blocks {
            var first = 0
            var last = 0
            unsafe ck_attention_key_blocks(shape, block, &first, &last)
            let start = first
            let stop = last
            let parts = min(most, stop - start)
            Parallel.run(e.keyHeads) { head, _ in
              unsafe ck_attention_pack(
                e.shape(firstKey), q.base, output.base, lse.base, dOutput.base, head, block,
                packed.base + head * packedSize)
            }
            Parallel.run(e.keyHeads * parts, threads: threads) { task, worker in
              let head = task / parts
              let part = task % parts
              let length = stop - start
              unsafe ck_attention_backward(
                e.shape(firstKey), k.base, v.base, packed.base + head * packedSize, head, block,
                start + part * length / parts, start + (part + 1) * length / parts, scratch.base + worker * each,
                dk.base, dv.base, partials.base + (head * most + part) * partialSize)
            }
            Parallel.run(e.keyHeads) { head, _ in
              unsafe ck_attention_unpack_add(
                e.shape(firstKey), partials.base + head * most * partialSize, parts, head, block, dq.base)
            }
          }
        }
      }
    }
  }
}
