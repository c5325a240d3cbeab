import CKernels

// What the machine can do at most, to judge the other kernels by. Each splits its work over the threads; the caller
// holds the clock.
extension Kernel {
  /// Multiply-adds on registers alone.
  ///
  /// - Returns: how many floating-point operations were done, a multiply-add counted as two.
  public static func multiplyAdds(
    _ precision: Precision, rounds: Int, instructions: InstructionSet = .best
  ) -> Double {
    let pieces = 64
    var done = [Double](repeating: 0, count: pieces)
    var values = [Float](repeating: 0, count: pieces)
    var doneSpan = done.mutableSpan
    var valuesSpan = values.mutableSpan
    let operations = unsafe MutableAddress(&doneSpan)
    let results = unsafe MutableAddress(&valuesSpan)
    Parallel.run(pieces) { piece, _ in
      let loop = unsafe precision == .bf16 ? ck_peak_bf16 : ck_peak_f32
      unsafe results.base[piece] = unsafe loop(
        Int32(instructions.rawValue), max(1, rounds / pieces), operations.base + piece)
    }
    require(values.allSatisfy(\.isFinite), "multiplyAdds", "the sums must stay finite")
    return done.reduce(0, +)
  }

  /// y = a + factor·b, for the bandwidth of memory: 12 bytes an element.
  public static func triad(_ a: Span<Float>, _ b: Span<Float>, factor: Float, into y: inout MutableSpan<Float>) {
    let n = y.count
    require(a.count == n && b.count == n, "triad", "expected \(n) values, got \(a.count) and \(b.count)")
    let a = unsafe Address(a)
    let b = unsafe Address(b)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(n, grain: 1 << 18) { r in
      unsafe ck_triad(a.base + r.lowerBound, b.base + r.lowerBound, factor, r.count, y.base + r.lowerBound)
    }
  }

  /// c = a·b by OpenBLAS alone, whatever `matmul` uses.
  ///
  /// - Shapes: a [m, k], b [k, n], c [m, n].
  public static func openBLASProduct(
    _ a: Span<Float>, _ b: Span<Float>, m: Int, n: Int, k: Int, into c: inout MutableSpan<Float>
  ) {
    require(
      a.count == m * k && b.count == k * n && c.count == m * n, "openBLASProduct",
      "expected \(m)×\(k), \(k)×\(n) and \(m)×\(n), got \(a.count), \(b.count) and \(c.count) values")
    let extents = ProductExtents(m: m, n: n, k: k, aT: false, bT: false, alpha: 1, accumulating: false)
    unsafe blasProduct(extents, Address(a), Address(b), MutableAddress(&c))
  }
}
