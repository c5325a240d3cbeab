import CKernels

/// How moments of AdamW stand in eight bits: blocks of values, each with its largest magnitude as scale, and for every
/// value the nearest entry of a table that has as many entries for each power of ten as its size deserves (Dettmers et al.
/// 2022, arXiv 2110.02861, dynamic quantisation).
public enum MomentCodes {
  /// Values that share a scale.
  public static let block = Int(CK_MOMENT_BLOCK)

  /// Scales of so many values.
  public static func scaleCount(of values: Int) -> Int { (values + block - 1) / block }

  /// For the first moment: −0.993 to 1.
  public static let signed: [Float] = table { decade in 1 << decade }.flatMap { [-$0, $0] }.sortedWithEnds
  /// For the second moment: 0 to 1.
  public static let unsigned: [Float] = table { decade in 2 << decade }.sortedWithEnds

  /// The middles of equal parts of 0.1 to 1, times 10⁻⁶ to 1: the larger the decade, the more parts.
  private static func table(parts: (_ decade: Int) -> Int) -> [Float] {
    let decades = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]
    return decades.indices.flatMap { decade in
      let count = parts(decade), width = 0.9 / Double(count)
      return (0..<count).map { Float(decades[decade] * (0.1 + (Double($0) + 0.5) * width)) }
    }
  }
}

extension [Float] {
  /// In ascending order, with 0 and 1, which no decade has.
  fileprivate var sortedWithEnds: [Float] { (self + [0, 1]).sorted() }
}

// Unsafe: hands the addresses of checked spans to C.
extension Kernel {
  /// One AdamW update of a parameter whose moments stand in eight bits: both are brought back, updated and rounded again,
  /// block by block.
  ///
  /// - Shapes: gradient, weight, codes [n]; scales [`MomentCodes.scaleCount(of: n)`].
  public static func adamW8(
    _ step: AdamWStep, gradient: Span<Float>, weight: inout MutableSpan<Float>, firstCodes: inout MutableSpan<UInt8>,
    firstScales: inout MutableSpan<Float>, secondCodes: inout MutableSpan<UInt8>,
    secondScales: inout MutableSpan<Float>
  ) {
    let n = weight.count, blocks = MomentCodes.scaleCount(of: n)
    require(
      gradient.count == n && firstCodes.count == n && secondCodes.count == n && firstScales.count == blocks
        && secondScales.count == blocks, "adamW8",
      "expected \(n) values in \(blocks) blocks, got \(gradient.count), \(firstCodes.count), \(secondCodes.count) in "
        + "\(firstScales.count) and \(secondScales.count)")
    let signed = MomentCodes.signed, unsigned = MomentCodes.unsigned
    let c = step.c
    let g = unsafe Address(gradient)
    let w = unsafe MutableAddress(&weight)
    let m = unsafe (codes: MutableAddress(&firstCodes), scales: MutableAddress(&firstScales))
    let v = unsafe (codes: MutableAddress(&secondCodes), scales: MutableAddress(&secondScales))
    unsafe signed.withUnsafeBufferPointer { signed in
      unsafe unsigned.withUnsafeBufferPointer { unsigned in
        let tables = unsafe (Address(signed.span), Address(unsigned.span))
        Parallel.ranges(n, grain: grain) { r in
          let i = r.lowerBound, block = i / MomentCodes.block
          unsafe ck_adamw8_update(
            c, tables.0.base, tables.1.base, g.base + i, r.count, w.base + i, m.codes.base + i, m.scales.base + block,
            v.codes.base + i, v.scales.base + block)
        }
      }
    }
  }

  /// What codes stand for, once there are as many codes and scales as so many values need.
  private static func momentTable(
    _ operation: StaticString, _ values: Int, _ codes: Int, _ scales: Int, isSigned: Bool
  ) -> [Float] {
    require(
      codes == values && scales == MomentCodes.scaleCount(of: values), operation,
      "expected \(values) codes, got \(codes) and \(scales) scales")
    return isSigned ? MomentCodes.signed : MomentCodes.unsigned
  }

  /// Rounds values to codes and scales.
  ///
  /// - Parameter isSigned: false for second moments, of which only zero itself becomes zero.
  public static func encodeMoments(
    _ x: Span<Float>, isSigned: Bool, codes: inout MutableSpan<UInt8>, scales: inout MutableSpan<Float>
  ) {
    let n = x.count, table = momentTable("encodeMoments", n, codes.count, scales.count, isSigned: isSigned)
    let x = unsafe Address(x)
    let codes = unsafe MutableAddress(&codes)
    let scales = unsafe MutableAddress(&scales)
    unsafe table.withUnsafeBufferPointer { table in
      unsafe ck_moments_encode(table.baseAddress, isSigned ? 0 : 1, x.base, n, codes.base, scales.base)
    }
  }

  /// The values that codes and scales stand for.
  public static func decodeMoments(
    _ codes: Span<UInt8>, _ scales: Span<Float>, isSigned: Bool, into x: inout MutableSpan<Float>
  ) {
    let n = x.count, table = momentTable("decodeMoments", n, codes.count, scales.count, isSigned: isSigned)
    let codes = unsafe Address(codes)
    let scales = unsafe Address(scales)
    let x = unsafe MutableAddress(&x)
    unsafe table.withUnsafeBufferPointer { table in
      unsafe ck_moments_decode(table.baseAddress, codes.base, scales.base, n, x.base)
    }
  }
}

/// Values one thread takes at a time; whole blocks.
private let grain = 1 << 14
