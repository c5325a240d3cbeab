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
  /// - Shapes: op(a) [m, k], op(b) [k, n], c [m, n].
  public static func matmul(
    _ a: Span<Float>, _ b: Span<Float>, transposing sides: TransposedSides = [], m: Int,
    n: Int, k: Int, alpha: Float = 1, accumulating: Bool, into c: inout MutableSpan<Float>
  ) {
    require(a.count == m * k, "matmul", "expected \(m)×\(k) values in a, got \(a.count)")
    require(b.count == k * n, "matmul", "expected \(k)×\(n) values in b, got \(b.count)")
    require(c.count == m * n, "matmul", "expected \(m)×\(n) values in c, got \(c.count)")
    guard m > 0, n > 0 else { return }
    let aT = sides.contains(.left)
    let bT = sides.contains(.right)
    openblas_set_num_threads(1)
    let a = unsafe Address(a)
    let b = unsafe Address(b)
    let c = unsafe MutableAddress(&c)
    // The longer side of c is cut; the cut depends on the shape alone, so bits do not depend on threads.
    let byRows = m >= n || m >= 1024
    let extent = byRows ? m : n
    let grain = min(512, max(64, (extent / 8 + 31) / 32 * 32))
    Parallel.ranges(extent, grain: grain) { part in
      let (i, j) = byRows ? (part.lowerBound, 0) : (0, part.lowerBound)
      unsafe cblas_sgemm(
        CblasRowMajor, aT ? CblasTrans : CblasNoTrans, bT ? CblasTrans : CblasNoTrans,
        Int32(byRows ? part.count : m), Int32(byRows ? n : part.count), Int32(k), alpha,
        a.base + (aT ? i : i * k), Int32(aT ? m : k),
        b.base + (bT ? j * k : j), Int32(bT ? k : n),
        accumulating ? 1 : 0, c.base + (i * n + j), Int32(n))
    }
  }

  /// The name of the processor core OpenBLAS computes for, such as "SkylakeX" or "Haswell".
  public static var blasCore: String { unsafe String(cString: openblas_get_corename()) }

  /// OpenBLAS's version and build options.
  public static var blasConfiguration: String { unsafe String(cString: openblas_get_config()) }
}
