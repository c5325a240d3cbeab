import CKernels
import COpenBLAS

/// Arithmetic on spans, split over the threads; the only importer of C arithmetic.
public enum Kernel {}

/// Which sides of a product are transposed.
public struct TransposedSides: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let left = TransposedSides(rawValue: 1)
  public static let right = TransposedSides(rawValue: 2)
}

extension Kernel {
  /// c = alpha·op(a)·op(b), or c += … when `accumulating`. Row-major; op transposes where asked.
  ///
  /// Bits depend on shapes, precision and instruction set alone, never on the number of threads; those of a row of
  /// a·bᵀ not on the number of rows, from nine on. Products of at most eight rows with a bᵀ read b once and in single
  /// precision; other products of fewer than 32 rows do not repay packing: OpenBLAS computes them, in single precision.
  ///
  /// - Shapes: op(a) [m, k], op(b) [k, n], c [m, n].
  public static func matmul(
    _ a: Span<Float>, _ b: Span<Float>, transposing sides: TransposedSides = [], m: Int, n: Int, k: Int,
    alpha: Float = 1, accumulating: Bool, precision: Precision = .fp32, instructions: InstructionSet = .best,
    into c: inout MutableSpan<Float>
  ) {
    require(a.count == m * k, "matmul", "expected \(m)×\(k) values in a, got \(a.count)")
    require(b.count == k * n, "matmul", "expected \(k)×\(n) values in b, got \(b.count)")
    require(c.count == m * n, "matmul", "expected \(m)×\(n) values in c, got \(c.count)")
    guard m > 0, n > 0 else { return }
    let extents = ProductExtents(
      m: m, n: n, k: k, aT: sides.contains(.left), bT: sides.contains(.right), alpha: alpha, accumulating: accumulating)
    let a = unsafe Address(a)
    let b = unsafe Address(b)
    let c = unsafe MutableAddress(&c)
    let isPlain = extents.bT && !extents.aT && alpha == 1 && !accumulating
    if isPlain && m <= mostStoredRows && k > 0 {
      unsafe b.base.withMemoryRebound(to: UInt8.self, capacity: 4 * k * n) { blocks in
        unsafe rowProducts(a, Address(base: blocks), .f32, m: m, n: n, k: k, c)
      }
    } else if m < 32 && !isPlain || k == 0 || instructions == .plain && precision == .fp32 {
      unsafe blasProduct(extents, a, b, c)
    } else {
      unsafe PackedProduct(extents, precision, instructions).run(a, b, c)
    }
  }

  /// OpenBLAS with one thread per call; the longer side of c is cut.
  static func blasProduct(
    _ e: ProductExtents, _ a: Address<Float>, _ b: Address<Float>, _ c: MutableAddress<Float>
  ) {
    openblas_set_num_threads(1)
    let byRows = e.m >= e.n || e.m >= 1024
    let extent = byRows ? e.m : e.n
    let grain = min(512, max(64, (extent / 8 + 31) / 32 * 32))
    Parallel.ranges(extent, grain: grain) { part in
      let (i, j) = byRows ? (part.lowerBound, 0) : (0, part.lowerBound)
      unsafe cblas_sgemm(
        CblasRowMajor, e.aT ? CblasTrans : CblasNoTrans, e.bT ? CblasTrans : CblasNoTrans,
        Int32(byRows ? part.count : e.m), Int32(byRows ? e.n : part.count), Int32(e.k), e.alpha,
        a.base + (e.aT ? i : i * e.k), Int32(e.aT ? e.m : e.k),
        b.base + (e.bT ? j * e.k : j), Int32(e.bT ? e.k : e.n),
        e.accumulating ? 1 : 0, c.base + (i * e.n + j), Int32(e.n))
    }
  }

  /// The name of the processor core OpenBLAS computes for, such as "SkylakeX" or "Haswell".
  public static var blasCore: String { unsafe String(cString: openblas_get_corename()) }

  /// OpenBLAS's version and build options.
  public static var blasConfiguration: String { unsafe String(cString: openblas_get_config()) }
}
