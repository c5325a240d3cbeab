// The formats' names keep their capitals and underscores.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

// The Swift door to blocks.c and blocks_encode.c. Unsafe: hands the addresses of checked spans to C.
import CKernels

/// Conversions between float32 and the byte formats in which tensors are stored.
///
/// Every function takes whole blocks and traps when the number of bytes and the number of values do not
/// belong together, and divides long work between the threads. Layouts: see `blocks.c`, above each function.
public enum BlockKernel {
  /// A copy.
  public static func decodeF32(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeF32", blocks, 1, 4, &values, ck_decode_f32)
  }

  /// IEEE half precision, exactly, with subnormals, infinities and NaNs.
  public static func decodeF16(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeF16", blocks, 1, 2, &values, ck_decode_f16)
  }

  /// The upper halves of floats, exactly.
  public static func decodeBF16(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeBF16", blocks, 1, 2, &values, ck_decode_bf16)
  }

  /// Blocks of 32 in 34 bytes.
  public static func decodeQ8_0(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeQ8_0", blocks, 32, 34, &values, ck_decode_q8_0)
  }

  /// Blocks of 32 in 18 bytes.
  public static func decodeQ4_0(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeQ4_0", blocks, 32, 18, &values, ck_decode_q4_0)
  }

  /// Blocks of 32 in 20 bytes.
  public static func decodeQ4_1(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeQ4_1", blocks, 32, 20, &values, ck_decode_q4_1)
  }

  /// Blocks of 32 in 22 bytes.
  public static func decodeQ5_0(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeQ5_0", blocks, 32, 22, &values, ck_decode_q5_0)
  }

  /// Blocks of 32 in 24 bytes.
  public static func decodeQ5_1(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeQ5_1", blocks, 32, 24, &values, ck_decode_q5_1)
  }

  /// Blocks of 256 in 144 bytes.
  public static func decodeQ4_K(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeQ4_K", blocks, 256, 144, &values, ck_decode_q4_k)
  }

  /// Blocks of 256 in 176 bytes.
  public static func decodeQ5_K(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeQ5_K", blocks, 256, 176, &values, ck_decode_q5_k)
  }

  /// Blocks of 256 in 210 bytes.
  public static func decodeQ6_K(_ blocks: RawSpan, into values: inout MutableSpan<Float>) {
    unsafe decode("decodeQ6_K", blocks, 256, 210, &values, ck_decode_q6_k)
  }

  /// A copy.
  public static func encodeF32(_ values: Span<Float>, into blocks: inout MutableSpan<UInt8>) {
    unsafe encode("encodeF32", values, 1, 4, &blocks, ck_encode_f32)
  }

  /// To nearest, ties to even; magnitudes from 65520 on become infinity, NaNs stay NaNs.
  public static func encodeF16(_ values: Span<Float>, into blocks: inout MutableSpan<UInt8>) {
    unsafe encode("encodeF16", values, 1, 2, &blocks, ck_encode_f16)
  }

  /// To nearest, ties to even; NaNs stay NaNs.
  public static func encodeBF16(_ values: Span<Float>, into blocks: inout MutableSpan<UInt8>) {
    unsafe encode("encodeBF16", values, 1, 2, &blocks, ck_encode_bf16)
  }

  /// d = max|x|/127 for each 32 values, q = x/d rounded half away from zero. Values must be finite; a NaN or
  /// infinity gives bytes without a meaning.
  public static func encodeQ8_0(_ values: Span<Float>, into blocks: inout MutableSpan<UInt8>) {
    unsafe encode("encodeQ8_0", values, 32, 34, &blocks, ck_encode_q8_0)
  }

  /// d = the value of largest magnitude / −8 for each 32 values, q = trunc(x/d + 8.5). Values must be finite here and
  /// below.
  public static func encodeQ4_0(_ values: Span<Float>, into blocks: inout MutableSpan<UInt8>) {
    unsafe encode("encodeQ4_0", values, 32, 18, &blocks, ck_encode_q4_0)
  }

  /// Fifteen steps from the least to the greatest of 32 values.
  public static func encodeQ4_1(_ values: Span<Float>, into blocks: inout MutableSpan<UInt8>) {
    unsafe encode("encodeQ4_1", values, 32, 20, &blocks, ck_encode_q4_1)
  }

  /// d = the value of largest magnitude / −16 for each 32 values, q = trunc(x/d + 16.5).
  public static func encodeQ5_0(_ values: Span<Float>, into blocks: inout MutableSpan<UInt8>) {
    unsafe encode("encodeQ5_0", values, 32, 22, &blocks, ck_encode_q5_0)
  }

  /// Thirty-one steps from the least to the greatest of 32 values.
  public static func encodeQ5_1(_ values: Span<Float>, into blocks: inout MutableSpan<UInt8>) {
    unsafe encode("encodeQ5_1", values, 32, 24, &blocks, ck_encode_q5_1)
  }

  /// Values that a thread converts at a time.
  static let grain = 1 << 15

  private static func decode(
    _ operation: StaticString, _ blocks: RawSpan, _ blockSize: Int, _ blockBytes: Int,
    _ values: inout MutableSpan<Float>,
    _ kernel: @Sendable (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<Float>?) -> Void
  ) {
    let count = check(operation, bytes: blocks.byteCount, values: values.count, blockSize, blockBytes)
    if count == 0 { return }
    unsafe blocks.withUnsafeBytes { bytes in
      guard let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      let from = unsafe Address(base: base), to = unsafe MutableAddress(&values)
      Parallel.ranges(count, grain: grain / blockSize) { range in
        unsafe kernel(
          from.base + range.lowerBound * blockBytes, range.count, to.base + range.lowerBound * blockSize)
      }
    }
  }

  private static func encode(
    _ operation: StaticString, _ values: Span<Float>, _ blockSize: Int, _ blockBytes: Int,
    _ blocks: inout MutableSpan<UInt8>,
    _ kernel: @Sendable (UnsafePointer<Float>?, Int, UnsafeMutablePointer<UInt8>?) -> Void
  ) {
    let count = check(operation, bytes: blocks.count, values: values.count, blockSize, blockBytes)
    if count == 0 { return }
    let from = unsafe Address(values), to = unsafe MutableAddress(&blocks)
    Parallel.ranges(count, grain: grain / blockSize) { range in
      unsafe kernel(from.base + range.lowerBound * blockSize, range.count, to.base + range.lowerBound * blockBytes)
    }
  }

  static func check(
    _ operation: StaticString, bytes: Int, values: Int, _ blockSize: Int, _ blockBytes: Int
  ) -> Int {
    let count = values / blockSize
    precondition(
      values % blockSize == 0 && bytes == count * blockBytes,
      "\(operation): \(blockBytes) bytes for each \(blockSize) values, but got \(bytes) bytes and \(values) values")
    return count
  }
}
