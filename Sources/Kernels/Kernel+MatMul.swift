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
    let product = Product(
      m: m, n: n, k: k, aT: sides.contains(.left), bT: sides.contains(.right), alpha: alpha, accumulating: accumulating)
    let a = unsafe Address(a)
    let b = unsafe Address(b)
    let c = unsafe MutableAddress(&c)
    // Few rows do not repay the packing of b. Bits depend on the shape alone, never on the threads.
    if m < 32 || k == 0 || InstructionSet.current == .plain {
      unsafe product.runByBLAS(a, b, c)
    } else {
      unsafe product.run(a, b, c)
    }
  }

  /// The name of the processor core OpenBLAS computes for, such as "SkylakeX" or "Haswell".
  public static var blasCore: String { unsafe String(cString: openblas_get_corename()) }

  /// OpenBLAS's version and build options.
  public static var blasConfiguration: String { unsafe String(cString: openblas_get_config()) }
}

/// One product and how it is cut.
private struct Product {
  var m, n, k: Int
  var aT, bT: Bool
  var alpha: Float
  var accumulating: Bool

  /// Rows of a block of a that stays in the second-level cache, and the most steps of k summed in one go.
  static let blockRows = 96
  static let blockDepth = 256

  /// OpenBLAS, one thread per call; the longer side of c is cut.
  func runByBLAS(_ a: Address<Float>, _ b: Address<Float>, _ c: MutableAddress<Float>) {
    openblas_set_num_threads(1)
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

  /// Our own tiles: b is packed in panels, a few thousand steps of k at a time, and blocks of c are the tasks.
  func run(_ a: Address<Float>, _ b: Address<Float>, _ c: MutableAddress<Float>) {
    let simd = InstructionSet.current.c
    let width = ck_panel_width(simd)
    let panels = (n + width - 1) / width
    let depths = (k + Self.blockDepth - 1) / Self.blockDepth
    let depth = ((k + depths - 1) / depths + 7) / 8 * 8
    let atOnce = 16 * depth
    let rowBlocks = (m + Self.blockRows - 1) / Self.blockRows
    // Blocks of rows alone where there are many; where there are few, the panels are shared out too.
    let columnParts = min(panels, max(1, 24 / rowBlocks))
    unsafe withScratch(min(k, atOnce) * panels * width) { packed, _ in
      unsafe withScratch(aT ? depth * (Self.blockRows + 16) : 0, per: Parallel.threadCount) { scratch, each in
        let threads = Parallel.threadCount
        for start in stride(from: 0, to: k, by: atOnce) {
          let end = min(k, start + atOnce)
          let slices = (end - start + depth - 1) / depth
          Parallel.run(slices * panels) { task, _ in
            let p = start + task / panels * depth
            let steps = min(depth, end - p)
            let j = task % panels * width
            unsafe ck_pack_panel(
              b.base + (bT ? j * k + p : p * n + j), bT ? k : n, bT ? 1 : 0, steps, min(width, n - j), width,
              packed.base + (p - start) * panels * width + j * steps)
          }
          Parallel.run(rowBlocks * columnParts, threads: threads) { task, worker in
            let i = task / columnParts * Self.blockRows
            let part = task % columnParts
            let first = part * panels / columnParts * width
            let last = min(n, (part + 1) * panels / columnParts * width)
            let rows = min(Self.blockRows, m - i)
            for p in stride(from: start, to: end, by: depth) {
              let steps = min(depth, end - p)
              var left = unsafe a.base + (i * k + p)
              if aT {
                // Rows of a block, copied together: the tiles then walk through memory in one direction.
                let block = unsafe scratch.base + worker * each
                for step in 0..<steps {
                  unsafe (block + step * (Self.blockRows + 16)).update(from: a.base + ((p + step) * m + i), count: rows)
                }
                unsafe left = UnsafePointer(block)
              }
              unsafe ck_product_f32(
                ck_product(
                  simd: simd, m: rows, n: last - first, k: steps, lda: aT ? Self.blockRows + 16 : k, ldb: width, ldc: n,
                  panel: steps * width, by_columns: aT ? 1 : 0, accumulate: accumulating || p > 0 ? 1 : 0, alpha: alpha),
                left, packed.base + ((p - start) * panels * width + first * steps), c.base + (i * n + first))
            }
          }
        }
      }
    }
  }
}

/// Lends `count` pieces of `size` floats each, with undefined values, on 64-byte boundaries.
@unsafe func withScratch(
  _ size: Int, per count: Int = 1, _ body: (_ scratch: MutableAddress<Float>, _ each: Int) -> Void
) {
  let each = (size + 15) / 16 * 16
  let base = unsafe Memory.take(each * count, zeroed: false)
  unsafe body(MutableAddress(base: base), each)
  unsafe Memory.give(base, each * count)
}
