import CKernels

/// What `Kernel.matmul` computes.
struct ProductExtents {
  var m, n, k: Int
  var aT, bT: Bool
  var alpha: Float
  var accumulating: Bool
}

/// A product by our own register tiles (Goto & van de Geijn 2008): b is packed in panels, some thousand steps of k
/// at a time, and blocks of c are the tasks.
struct PackedProduct {
  private let e: ProductExtents
  private let precision: Precision
  private let simd: ck_simd
  /// Columns of a panel, and how many panels there are.
  private let width, panels: Int
  /// Steps of k summed in registers at a time.
  private let depth: Int

  /// Rows of a block of a, which stays in the second-level cache; a panel of b stays in the first while they pass.
  private let blockRows: Int
  /// Room between the rows of a block, so that they do not compete for the same lines of the cache.
  private static let gap = 16

  init(_ e: ProductExtents, _ precision: Precision, _ instructions: InstructionSet) {
    (self.e, self.precision, simd) = (e, precision, instructions.c)
    width = precision == .bf16 ? ck_pair_panel_width(simd) : ck_panel_width(simd)
    panels = (e.n + width - 1) / width
    blockRows = precision == .bf16 ? 256 : 96
    let most = precision == .bf16 ? 640 : 256
    let slices = (e.k + most - 1) / most
    depth = ((e.k + slices - 1) / slices + 31) / 32 * 32
  }

  /// What b's values are read from: floats, or rows of stored blocks (then b is transposed).
  @unsafe private enum Right {
    case floats(Address<Float>)
    case blocks(Address<UInt8>, BlockFormat)
  }

  func run(_ a: Address<Float>, _ b: Address<Float>, _ c: MutableAddress<Float>) { unsafe run(a, .floats(b), c) }

  func run(_ a: Address<Float>, _ b: Address<UInt8>, _ format: BlockFormat, _ c: MutableAddress<Float>) {
    unsafe run(a, .blocks(b, format), c)
  }

  @unsafe private func run(_ a: Address<Float>, _ b: Right, _ c: MutableAddress<Float>) {
    let atOnce = max(depth, 4096 / depth * depth)
    let rowBlocks = (e.m + blockRows - 1) / blockRows
    let threads = Parallel.threadCount
    let columnParts = columnParts(rowBlocks, threads)
    unsafe withScratch(words(min(roundedUp(e.k), atOnce) * panels * width)) { packed, _ in
      unsafe withScratch(blockWords, per: threads) { scratch, each in
        for start in stride(from: 0, to: e.k, by: atOnce) {
          let end = min(e.k, start + atOnce)
          Parallel.run((end - start + depth - 1) / depth * panels, threads: threads) { task, _ in
            unsafe packPanel(b, slice: start + task / panels * depth, task % panels, chunk: start, packed)
          }
          Parallel.run(rowBlocks * columnParts, threads: threads) { task, worker in
            let part = task % columnParts
            let columns = part * panels / columnParts..<(part + 1) * panels / columnParts
            for p in stride(from: start, to: end, by: depth) {
              unsafe multiply(
                a, packed, slice: p, chunk: start, row: task / columnParts * blockRows, columns,
                scratch.base + worker * each, c)
            }
          }
        }
      }
    }
  }

  /// In how many parts the columns of a block are shared out: none where threads have blocks enough, since each part
  /// packs the rows again. No bit depends on it.
  private func columnParts(_ rowBlocks: Int, _ threads: Int) -> Int {
    (1...max(1, min(panels, 4 * threads))).first { parts in
      let tasks = rowBlocks * parts
      return tasks * 10 >= (tasks + threads - 1) / threads * threads * 9
    } ?? min(panels, 4 * threads)
  }

  /// Words of 4 bytes that hold so many values.
  private func words(_ values: Int) -> Int { precision == .bf16 ? values / 2 : values }
  private func roundedUp(_ steps: Int) -> Int { precision == .bf16 ? (steps + 31) / 32 * 32 : steps }
  private func steps(_ p: Int) -> Int { min(depth, e.k - p) }

  /// Words of scratch for a block of a; single precision reads a where it lies unless it is transposed.
  private var blockWords: Int {
    switch precision {
    case .bf16: blockRows * (depth + 2 * Self.gap) / 2
    case .fp32: e.aT ? depth * (blockRows + Self.gap) : 0
    }
  }

  /// Where the panel of a slice of k stands among what is packed.
  private func offset(slice p: Int, panel: Int, chunk: Int) -> Int {
    words((p - chunk) * panels * width + panel * width * roundedUp(steps(p)))
  }

  @unsafe private func packPanel(
    _ b: Right, slice p: Int, _ panel: Int, chunk: Int, _ packed: MutableAddress<Float>
  ) {
    let j = panel * width
    switch unsafe b {
    case .floats(let b):
      let first = e.bT ? j * e.k + p : p * e.n + j
      unsafe packPanel(b.base + first, ld: e.bT ? e.k : e.n, slice: p, panel, chunk: chunk, packed)
    case .blocks(let b, let format):
      // The blocks that hold the slice, as floats.
      let from = p / format.blockSize * format.blockSize
      let ld = (p + steps(p) + format.blockSize - 1) / format.blockSize * format.blockSize - from
      let columns = min(width, e.n - j)
      unsafe withScratch(columns * ld) { floats, _ in
        for row in 0..<columns {
          let blocks = unsafe b.base + ((j + row) * format.rowBytes(e.k) + format.rowBytes(from))
          unsafe format.decodeBlocks(blocks, count: ld / format.blockSize, to: floats.base + row * ld)
        }
        unsafe packPanel(floats.base + (p - from), ld: ld, slice: p, panel, chunk: chunk, packed)
      }
    }
  }

  private func packPanel(
    _ source: UnsafePointer<Float>, ld: Int, slice p: Int, _ panel: Int, chunk: Int, _ packed: MutableAddress<Float>
  ) {
    let steps = steps(p)
    let columns = min(width, e.n - panel * width)
    let target = unsafe packed.base + offset(slice: p, panel: panel, chunk: chunk)
    guard precision == .bf16 else {
      return unsafe ck_pack_panel(source, ld, e.bT ? 1 : 0, steps, columns, width, target)
    }
    unsafe target.withMemoryRebound(to: UInt32.self, capacity: words(width * roundedUp(steps))) { target in
      if e.bT {
        unsafe ck_pairs_transposed_bf16(simd, source, ld, 1, columns, steps, roundedUp(steps), width, target, width)
      } else {
        unsafe ck_pairs_bf16(simd, source, ld, 1, steps, columns, roundedUp(steps), width, target, width)
      }
    }
  }

  /// One slice of k of one block of c.
  private func multiply(
    _ a: Address<Float>, _ packed: MutableAddress<Float>, slice p: Int, chunk: Int, row: Int, _ columns: Range<Int>,
    _ block: UnsafeMutablePointer<Float>, _ c: MutableAddress<Float>
  ) {
    let steps = steps(p)
    let rows = min(blockRows, e.m - row)
    let first = columns.lowerBound * width
    let left = unsafe a.base + (e.aT ? p * e.m + row : row * e.k + p)
    let right = unsafe packed.base + offset(slice: p, panel: columns.lowerBound, chunk: chunk)
    let result = unsafe c.base + (row * e.n + first)
    var product = ck_product()
    (product.simd, product.alpha) = (simd, e.alpha)
    (product.m, product.n, product.k) = (rows, min(e.n, columns.upperBound * width) - first, roundedUp(steps))
    (product.ldb, product.ldc, product.panel) = (width, e.n, words(width * roundedUp(steps)))
    product.accumulate = e.accumulating || p > 0 ? 1 : 0
    switch precision {
    case .fp32 where e.aT:
      // Rows of the block, copied together: the tiles then walk through memory in one direction.
      product.lda = blockRows + Self.gap
      product.by_columns = 1
      for step in 0..<steps { unsafe (block + step * product.lda).update(from: left + step * e.m, count: rows) }
      unsafe ck_product_f32(product, block, right, result)
    case .fp32:
      product.lda = e.k
      unsafe ck_product_f32(product, left, right, result)
    case .bf16:
      product.lda = depth + 2 * Self.gap
      unsafe block.withMemoryRebound(to: UInt16.self, capacity: blockRows * product.lda) { block in
        if e.aT {
          unsafe ck_rows_transposed_bf16(simd, left, e.m, e.alpha, steps, rows, roundedUp(steps), block, product.lda)
        } else {
          unsafe ck_rows_bf16(simd, left, e.k, e.alpha, rows, steps, roundedUp(steps), block, product.lda)
        }
        unsafe right.withMemoryRebound(to: UInt32.self, capacity: product.panel * columns.count) { right in
          unsafe ck_product_bf16(product, block, right, result)
        }
      }
    }
  }
}
