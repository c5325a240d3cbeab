// The Swift door to blocks.c, blocks_encode.c and quantize.c. Unsafe: hands the addresses of checked spans to C.
import CKernels

extension BlockFormat {
  /// The format's number in C.
  var kernelType: ck_block_type { ck_block_type(rawValue: rawValue) }

  /// `count` blocks from `bytes` on → floats.
  @unsafe func decodeBlocks(_ bytes: UnsafePointer<UInt8>, count: Int, to values: UnsafeMutablePointer<Float>) {
    unsafe ck_decode_block(kernelType, bytes, count, values)
  }

  /// Converts whole blocks to floats, bit for bit as ggml's reference does, on all threads.
  ///
  /// Traps unless `bytes` holds exactly the blocks of `values.count` values.
  public func decode(_ bytes: RawSpan, into values: inout MutableSpan<Float>) {
    let count = blockCount("decode", bytes: bytes.byteCount, values: values.count)
    if count == 0 { return }
    unsafe bytes.withUnsafeBytes { bytes in
      guard let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      let from = unsafe Address(base: base), to = unsafe MutableAddress(&values)
      Parallel.ranges(count, grain: Self.grain / blockSize) { range in
        unsafe decodeBlocks(
          from.base + range.lowerBound * blockBytes, count: range.count, to: to.base + range.lowerBound * blockSize)
      }
    }
  }

  /// Converts floats to whole blocks, on all threads.
  ///
  /// - F16 and BF16: to nearest, ties to even; NaNs stay NaNs, magnitudes from 65520 on become infinite halves.
  /// - Q8_0: d = max|x|/127 for each 32 values, q = x/d rounded half away from zero. Q4_0 and Q5_0: d = the value of
  ///   largest magnitude / −8 or −16, q = trunc(x/d + 8.5 or 16.5). Q4_1 and Q5_1: 15 or 31 steps from the least to the
  ///   greatest value. All with the bytes of ggml's reference.
  /// - The K formats, and with an importance all quantised ones but Q8_0: by ggml's search for scales, row by row, alike
  ///   by any number of threads.
  ///
  /// What cannot be kept is found by ``firstUnencodable(in:)`` and gives blocks without a meaning.
  ///
  /// - Parameters:
  ///   - columns: values of a row; `values` is whole rows. Needed with `importance` and by no format else.
  ///   - importance: a weight for each column, finite and not negative, by which the search harms important columns
  ///     less; [columns] or empty. Formats without a search ignore it.
  ///
  /// Traps unless `bytes` has room for exactly the blocks of `values.count` values, and the extents belong together.
  public func encode(
    _ values: Span<Float>, columns: Int? = nil, importance: [Float] = [], into bytes: inout MutableSpan<UInt8>
  ) {
    switch self {
    case .f32: unsafe encode(values, &bytes, ck_encode_f32)
    case .f16: unsafe encode(values, &bytes, ck_encode_f16)
    case .bf16: unsafe encode(values, &bytes, ck_encode_bf16)
    case .q8_0: unsafe encode(values, &bytes, ck_encode_q8_0)
    case .q4_0 where importance.isEmpty: unsafe encode(values, &bytes, ck_encode_q4_0)
    case .q4_1 where importance.isEmpty: unsafe encode(values, &bytes, ck_encode_q4_1)
    case .q5_0 where importance.isEmpty: unsafe encode(values, &bytes, ck_encode_q5_0)
    case .q5_1 where importance.isEmpty: unsafe encode(values, &bytes, ck_encode_q5_1)
    case .q4_0: unsafe search(values, columns, importance.span, &bytes, ck_quantize_q4_0)
    case .q4_1: unsafe search(values, columns, importance.span, &bytes, ck_quantize_q4_1)
    case .q5_0: unsafe search(values, columns, importance.span, &bytes, ck_quantize_q5_0)
    case .q5_1: unsafe search(values, columns, importance.span, &bytes, ck_quantize_q5_1)
    case .q4_K: unsafe search(values, columns, importance.span, &bytes, ck_quantize_q4_k)
    case .q5_K: unsafe search(values, columns, importance.span, &bytes, ck_quantize_q5_k)
    case .q6_K: unsafe search(values, columns, importance.span, &bytes, ck_quantize_q6_k)
    }
  }

  /// The index of the first value that this format would turn into something else than a rounding of it: a
  /// finite value beyond what its halves or bfloats reach, and for the quantised formats also a NaN or an infinity.
  public func firstUnencodable(in values: Span<Float>) -> Int? {
    // The smallest magnitudes that round to infinity; a scale (for Q8_0 a 127th of the largest value) or a minimum
    // must round to a finite half.
    let limit: Float
    switch self {
    case .f32: return nil
    case .f16: limit = 65520
    case .bf16: limit = 0x1.ffp127
    case .q8_0: limit = 65519 * 127
    case .q4_0: limit = 65519 * 8
    case .q5_0: limit = 65519 * 16
    case .q4_1, .q5_1, .q4_K, .q5_K, .q6_K: limit = 65519
    }
    for index in values.indices where !(values[index].magnitude < limit) {
      if isQuantized || values[index].isFinite { return index }
    }
    return nil
  }

  /// Values that a thread converts at a time.
  private static let grain = 1 << 15

  private func encode(
    _ values: Span<Float>, _ bytes: inout MutableSpan<UInt8>,
    _ kernel: @Sendable (UnsafePointer<Float>?, Int, UnsafeMutablePointer<UInt8>?) -> Void
  ) {
    let count = blockCount("encode", bytes: bytes.count, values: values.count)
    if count == 0 { return }
    let from = unsafe Address(values), to = unsafe MutableAddress(&bytes)
    Parallel.ranges(count, grain: Self.grain / blockSize) { range in
      unsafe kernel(from.base + range.lowerBound * blockSize, range.count, to.base + range.lowerBound * blockBytes)
    }
  }

  private func search(
    _ values: Span<Float>, _ columns: Int?, _ importance: Span<Float>, _ bytes: inout MutableSpan<UInt8>,
    _ kernel:
      @Sendable (UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int, UnsafeMutablePointer<UInt8>?) -> Void
  ) {
    let count = blockCount("encode", bytes: bytes.count, values: values.count), columns = columns ?? blockSize
    require(
      columns > 0 && columns % blockSize == 0 && values.count % columns == 0, "encode",
      "\(values.count) values in rows of \(columns), \(self) blocks of \(blockSize)")
    require(
      importance.isEmpty || importance.count == columns, "encode",
      "\(importance.count) importances for \(columns) columns")
    if count == 0 { return }
    let from = unsafe Address(values), to = unsafe MutableAddress(&bytes), weights = unsafe Address(importance)
    let isWeighted = !importance.isEmpty, rowBytes = rowBytes(columns)
    Parallel.ranges(values.count / columns, grain: max(1, Self.grain / columns)) { rows in
      unsafe kernel(
        from.base + rows.lowerBound * columns, isWeighted ? weights.base : nil, rows.count, columns,
        to.base + rows.lowerBound * rowBytes)
    }
  }

  private func blockCount(_ operation: StaticString, bytes: Int, values: Int) -> Int {
    let count = values / blockSize
    require(
      values % blockSize == 0 && bytes == count * blockBytes, operation,
      "\(self) has \(blockBytes) bytes for each \(blockSize) values, but got \(bytes) bytes and \(values) values")
    return count
  }
}
