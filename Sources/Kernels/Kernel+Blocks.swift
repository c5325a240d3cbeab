// Unsafe: hands the addresses of checked spans to C.
import CKernels

extension Kernel {
  /// A copy of raw bytes.
  public static func bytes(_ raw: RawSpan) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: raw.byteCount) { buffer, count in
      unsafe raw.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      count = raw.byteCount
    }
  }

  /// Rows of x for which a matrix is read once and not packed: decoding, and very short prompts.
  static let mostStoredRows = 8

  /// y = x·wᵀ, w in stored blocks; some rows of x.
  ///
  /// One pass over w serves few rows of x; for many, blocks are converted panel by panel as the product packs them.
  /// The bits are those of the same product with w as floats, and do not depend on the number of threads.
  ///
  /// - Shapes: x [m, k], w [n, k] in blocks, y [m, n].
  public static func matmul(
    _ x: Span<Float>, blocks w: Span<UInt8>, _ format: BlockFormat, m: Int, n: Int, k: Int,
    precision: Precision = .fp32, instructions: InstructionSet = .best, into y: inout MutableSpan<Float>
  ) {
    require(k % format.blockSize == 0, "matmul", "rows of \(k) values are not whole blocks of \(format.blockSize)")
    require(x.count == m * k, "matmul", "expected \(m)×\(k) values in x, got \(x.count)")
    require(
      w.count == n * format.rowBytes(k), "matmul", "expected \(n) rows of \(format.rowBytes(k)) bytes, got \(w.count)")
    require(y.count == m * n, "matmul", "expected \(m)×\(n) values in y, got \(y.count)")
    guard m > 0, n > 0 else { return }
    let x = unsafe Address(x)
    let w = unsafe Address(w)
    let y = unsafe MutableAddress(&y)
    if m <= mostStoredRows || k == 0 {
      return unsafe rowProducts(x, w, format, m: m, n: n, k: k, y)
    }
    let extents = ProductExtents(m: m, n: n, k: k, aT: false, bT: true, alpha: 1, accumulating: false)
    unsafe PackedProduct(extents, precision, instructions).run(x, w, format, y)
  }

  /// A few rows: each thread takes runs of rows of w.
  static func rowProducts(
    _ x: Address<Float>, _ w: Address<UInt8>, _ format: BlockFormat, m: Int, n: Int, k: Int, _ y: MutableAddress<Float>
  ) {
    // Runs of some 64 KiB of floats; so many that threads end at about the same time.
    let grain = max(1, min((n + 7) / 8, max(4, 1 << 14 / max(1, k))))
    Parallel.ranges(n, grain: grain) { rows in
      unsafe ck_row_products(
        w.base, format.kernelType, format.blockSize, format.blockBytes, rows.lowerBound, rows.upperBound, k, x.base, m,
        y.base,
        n)
    }
  }

  /// Rows of a stored matrix as floats: y[t] = w[rows[t]].
  ///
  /// - Shapes: w […, width] in blocks, y [rows, width].
  public static func gather(
    blocks w: Span<UInt8>, _ format: BlockFormat, rows: Span<Int32>, width: Int, into y: inout MutableSpan<Float>
  ) {
    let each = format.rowBytes(width)
    require(y.count == rows.count * width, "gather", "expected \(rows.count)×\(width) values, got \(y.count)")
    require(width % format.blockSize == 0, "gather", "rows of \(width) are not whole blocks of \(format.blockSize)")
    for t in rows.indices {
      let row = Int(rows[t])
      require(row >= 0 && (row + 1) * each <= w.count, "gather", "row \(row) is outside 0..<\(w.count / max(1, each))")
    }
    let count = rows.count
    let w = unsafe Address(w)
    let rows = unsafe Address(rows)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(count, grain: 64) { part in
      for t in part {
        unsafe format.decodeBlocks(
          w.base + Int(rows.base[t]) * each, count: width / format.blockSize, to: y.base + t * width)
      }
    }
  }
}
