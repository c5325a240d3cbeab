import CKernels

/// What attention computes over: extents, scale and, for every query, the first key it sees.
///
/// Query t sees the keys `firstKey[t] … queryOffset + t`; `firstKey` never decreases. Causal attention, packed
/// documents and sliding windows differ only in `firstKey`.
public struct AttentionExtents: Sendable {
  public var queries, keys, queryOffset, heads, keyHeads, headSize: Int
  public var scale: Float
  public var precision: Precision
  public var instructions: InstructionSet
  public init(
    queries: Int, keys: Int, queryOffset: Int, heads: Int, keyHeads: Int, headSize: Int, scale: Float,
    precision: Precision = .fp32, instructions: InstructionSet = .best
  ) {
    (self.queries, self.keys, self.queryOffset) = (queries, keys, queryOffset)
    (self.heads, self.keyHeads, self.headSize, self.scale) = (heads, keyHeads, headSize, scale)
    (self.precision, self.instructions) = (precision, instructions)
  }

  /// Queries that are treated together, counted from the first: sequences cut at multiples of it give the same bits.
  public var queryBlock: Int {
    let none: [Int32] = []
    return unsafe ck_attention_query_block(shape(Address(none.span)))
  }

  /// Query blocks of the gradient that are treated together.
  public static var gradientBlocks: Int { Int(CK_BACKWARD_BLOCKS) }
  /// Runs of so many key blocks, each with a share of those query blocks' dq: two key blocks or more a run, at most 16 runs.
  static func gradientParts(keyBlocks: Int) -> Int { min(16, (keyBlocks + 1) / 2) }
  /// The most runs that so many keys make.
  public static func gradientParts(keys: Int) -> Int {
    gradientParts(keyBlocks: (keys + Int(CK_KEY_BLOCK) - 1) / Int(CK_KEY_BLOCK))
  }

  @unsafe fileprivate func shape(_ firstKey: Address<Int32>) -> ck_attention_shape {
    unsafe ck_attention_shape(
      simd: instructions.c, query_count: queries, key_count: keys, query_offset: queryOffset, heads: heads,
      kv_heads: keyHeads, head_size: headSize, scale: scale, first_key: firstKey.base)
  }

  @unsafe fileprivate func queryBlocks(_ shape: ck_attention_shape) -> Int {
    let size = unsafe ck_attention_query_block(shape)
    return (queries + size - 1) / size
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
    let blocks = unsafe e.queryBlocks(shape)
    let threads = Parallel.threadCount
    let isRounded = e.precision == .bf16
    unsafe withScratch(isRounded ? ck_attention_scratch_bf16(shape) : ck_attention_scratch(shape), per: threads) {
      scratch, each in
      unsafe withPreparedKeys(e, firstKey, k, v, forBackward: false) { keys in
        // Late blocks see the most keys and go first, so that no thread is left with one at the end.
        Parallel.run(blocks * e.keyHeads, threads: threads) { task, worker in
          let (head, block) = (task % e.keyHeads, blocks - 1 - task / e.keyHeads)
          let scratch = unsafe scratch.base + worker * each
          if isRounded {
            unsafe ck_attention_forward_bf16(
              e.shape(firstKey), q.base, keys.keyRows, keys.valueColumns, head, block, scratch, output.base, lse.base)
          } else {
            unsafe ck_attention_forward(
              e.shape(firstKey), q.base, k.base, v.base, head, block, scratch, output.base, lse.base)
          }
        }
      }
    }
  }

  /// Σ dO∘O of each head and query, all that the gradients need of attention's output. Shapes: output, dOutput
  /// [queries, heads·headSize] → products [heads, queries].
  public static func attentionProducts(
    _ e: AttentionExtents, output: Span<Float>, dOutput: Span<Float>, into products: inout MutableSpan<Float>
  ) {
    let count = e.queries * e.heads * e.headSize
    require(
      output.count == count && dOutput.count == count && products.count == e.heads * e.queries, "attention",
      "expected \(count) values of output and gradient and \(e.heads * e.queries) products")
    let output = unsafe Address(output)
    let dOutput = unsafe Address(dOutput)
    let products = unsafe MutableAddress(&products)
    Parallel.ranges(e.queries, grain: 256) { range in
      unsafe ck_attention_row_products(
        output.base, dOutput.base, e.queries, e.heads, e.headSize, range.lowerBound, range.upperBound, products.base)
    }
  }

  /// Gradients of `attention`, added to dq, dk and dv; `products` as `attentionProducts` gives them.
  ///
  /// A few query blocks go at a time; each task owns a run of key blocks of one key head: it adds to their dk and dv
  /// and leaves its share of dq in a partial, and the partials are added in order. So five products suffice, memory
  /// stays O(n), and the bits depend on nothing but the shape.
  public static func attentionGradient(
    _ e: AttentionExtents, q: Span<Float>, k: Span<Float>, v: Span<Float>, firstKey: Span<Int32>,
    products: Span<Float>, lse: Span<Float>, dOutput: Span<Float>,
    addingTo dq: inout MutableSpan<Float>, _ dk: inout MutableSpan<Float>, _ dv: inout MutableSpan<Float>
  ) {
    e.check(q.count, k.count, v.count, firstKey)
    require(
      dOutput.count == q.count && dq.count == q.count && dk.count == k.count && dv.count == k.count
        && lse.count == e.heads * e.queries && products.count == lse.count, "attention",
      "gradient extents differ from those of the forward pass")
    guard e.queries > 0 else { return }
    let firstKey = unsafe Address(firstKey)
    let shape = unsafe e.shape(firstKey)
    let q = unsafe Address(q)
    let k = unsafe Address(k)
    let v = unsafe Address(v)
    let products = unsafe Address(products)
    let lse = unsafe Address(lse)
    let dOutput = unsafe Address(dOutput)
    let dq = unsafe MutableAddress(&dq)
    let dk = unsafe MutableAddress(&dk)
    let dv = unsafe MutableAddress(&dv)
    let blocks = unsafe e.queryBlocks(shape)
    let isRounded = e.precision == .bf16
    let packedSize = unsafe isRounded ? ck_attention_packed_bf16(shape) : ck_attention_packed(shape)
    let scratchSize = unsafe isRounded ? ck_attention_scratch_bf16(shape) : ck_attention_scratch(shape)
    let partialSize = unsafe ck_attention_partial(shape)
    let together = AttentionExtents.gradientBlocks
    let most = AttentionExtents.gradientParts(keys: e.keys)
    let threads = Parallel.threadCount
    unsafe withScratch(scratchSize, per: threads) { scratch, each in
      unsafe withScratch(packedSize * together, per: e.keyHeads) { packed, packedEach in
        unsafe withScratch(partialSize * together * most, per: e.keyHeads) { partials, partialsEach in
          unsafe withPreparedKeys(e, firstKey, k, v, forBackward: true) { keys in
            for block in stride(from: 0, to: blocks, by: together) {
              let stop = min(block + together, blocks)
              var first = 0
              var last = 0
              unsafe ck_attention_key_blocks(shape, block, stop, &first, &last)
              let (start, end) = (first, last)
              let parts = AttentionExtents.gradientParts(keyBlocks: end - start)
              Parallel.run(e.keyHeads * (stop - block), threads: threads) { task, _ in
                let (head, index) = (task % e.keyHeads, task / e.keyHeads)
                let pack = unsafe isRounded ? ck_attention_pack_bf16 : ck_attention_pack
                unsafe pack(
                  e.shape(firstKey), q.base, products.base, lse.base, dOutput.base, head, block + index,
                  packed.base + (head * packedEach + index * packedSize))
              }
              Parallel.run(e.keyHeads * parts, threads: threads) { task, worker in
                let (head, part) = (task / parts, task % parts)
                let (from, to) = (start + part * (end - start) / parts, start + (part + 1) * (end - start) / parts)
                let packed = unsafe packed.base + head * packedEach
                let scratch = unsafe scratch.base + worker * each
                let partial = unsafe partials.base + (head * partialsEach + part * together * partialSize)
                if isRounded {
                  unsafe ck_attention_backward_bf16(
                    e.shape(firstKey), keys.keyRows, keys.keyColumns, keys.valueRows, packed, head, block, stop, from,
                    to, scratch, dk.base, dv.base, partial)
                } else {
                  unsafe ck_attention_backward(
                    e.shape(firstKey), k.base, v.base, packed, head, block, stop, from, to, scratch, dk.base, dv.base,
                    partial)
                }
              }
              Parallel.run(e.keyHeads * (stop - block), threads: threads) { task, _ in
                let (head, index) = (task % e.keyHeads, task / e.keyHeads)
                unsafe ck_attention_unpack_add(
                  e.shape(firstKey), partials.base + (head * partialsEach + index * partialSize), parts,
                  together * partialSize, e.scale, head, block + index, dq.base)
              }
            }
          }
        }
      }
    }
  }

  /// Keys and values in bfloat16, in the forms that a pass needs; empty in single precision, which reads them where
  /// they lie.
  @unsafe private struct PreparedKeys: @unchecked Sendable {
    var keyRows, keyColumns, valueRows, valueColumns: UnsafeMutablePointer<UInt16>?
  }

  @unsafe private static func withPreparedKeys(
    _ e: AttentionExtents, _ firstKey: Address<Int32>, _ k: Address<Float>, _ v: Address<Float>, forBackward: Bool,
    _ body: (PreparedKeys) -> Void
  ) {
    guard e.precision == .bf16 else { return unsafe body(PreparedKeys()) }
    let shape = unsafe e.shape(firstKey)
    let rows = unsafe ck_attention_key_rows_bf16(shape) * e.keyHeads
    let columns = unsafe ck_attention_key_columns_bf16(shape) * e.keyHeads
    unsafe withScratch(rows / 2, per: forBackward ? 2 : 1) { rowScratch, rowsEach in
      unsafe withScratch(columns / 2) { columnScratch, columnsEach in
        unsafe rowScratch.base.withMemoryRebound(to: UInt16.self, capacity: 2 * rowsEach * (forBackward ? 2 : 1)) {
          rows in
          unsafe columnScratch.base.withMemoryRebound(to: UInt16.self, capacity: 2 * columnsEach) { columns in
            var keys = unsafe PreparedKeys(keyRows: rows)
            if forBackward {
              unsafe (keys.keyColumns, keys.valueRows) = (columns, rows + 2 * rowsEach)
            } else {
              unsafe keys.valueColumns = columns
            }
            let prepared = unsafe keys
            let blocks = (e.keys + Int(CK_KEY_BLOCK) - 1) / Int(CK_KEY_BLOCK)
            Parallel.run(blocks * e.keyHeads) { task, _ in
              let (head, block) = (task % e.keyHeads, task / e.keyHeads)
              let shape = unsafe e.shape(firstKey)
              unsafe ck_attention_prepare_bf16(shape, k.base, head, block, prepared.keyRows, prepared.keyColumns)
              unsafe ck_attention_prepare_bf16(shape, v.base, head, block, prepared.valueRows, prepared.valueColumns)
            }
            unsafe body(prepared)
          }
        }
      }
    }
  }
}
