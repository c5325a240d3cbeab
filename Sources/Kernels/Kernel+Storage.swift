import CKernels

/// Values one thread takes at a time; even, so that no word has two writers.
private let grain = 1 << 16

// Values in half the room. Unsafe: hands the addresses of checked spans to C.
extension Kernel {
  /// Rounds to bfloat16 (nearest, ties to even), two values in the place of one.
  ///
  /// - Shapes: x [n] → y [(n + 1) / 2]; the upper half of a last odd word is zero.
  public static func packBF16(_ x: Span<Float>, into y: inout MutableSpan<Float>) {
    let n = x.count
    require(y.count == (n + 1) / 2, "packBF16", "expected \((n + 1) / 2) words for \(n) values, got \(y.count)")
    if n % 2 == 1 { y[n / 2] = 0 }
    let x = unsafe Address(x)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(n, grain: grain) { r in
      unsafe ck_encode_bf16(
        x.base + r.lowerBound, r.count,
        UnsafeMutableRawPointer(y.base).assumingMemoryBound(to: UInt8.self) + 2 * r.lowerBound)
    }
  }

  /// The values that `packBF16` has rounded, exactly.
  ///
  /// - Shapes: y [(n + 1) / 2] → x [n].
  public static func unpackBF16(_ y: Span<Float>, into x: inout MutableSpan<Float>) {
    let n = x.count
    require(y.count == (n + 1) / 2, "unpackBF16", "expected \((n + 1) / 2) words for \(n) values, got \(y.count)")
    let y = unsafe Address(y)
    let x = unsafe MutableAddress(&x)
    Parallel.ranges(n, grain: grain) { r in
      unsafe ck_decode_bf16(
        UnsafeRawPointer(y.base).assumingMemoryBound(to: UInt8.self) + 2 * r.lowerBound, r.count, x.base + r.lowerBound)
    }
  }
}
