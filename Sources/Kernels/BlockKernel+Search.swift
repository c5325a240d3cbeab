// The formats' names keep their capitals and underscores.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

// The Swift door to quantize.c. Unsafe: hands the addresses of checked spans to C.
import CKernels

/// Formats whose scales are searched for, row by row.
///
/// `values` is [rows, columns], columns a multiple of the block; `importance` has a weight for the squared error of each
/// column, or is empty. Values must be finite, weights finite and not negative. Rows are divided between the threads,
/// and each is converted alike by any number of them. Every function traps when the extents do not belong together.
extension BlockKernel {
  /// Blocks of 32 in 18 bytes; `importance` must not be empty here and for the three that follow, for without it
  /// `encodeQ4_0` and its like are meant.
  public static func searchQ4_0(
    _ values: Span<Float>, columns: Int, importance: Span<Float>, into blocks: inout MutableSpan<UInt8>
  ) {
    require(!importance.isEmpty, "searchQ4_0", "an importance is needed")
    unsafe search("searchQ4_0", values, columns, importance, 32, 18, &blocks, ck_quantize_q4_0)
  }

  /// Blocks of 32 in 20 bytes.
  public static func searchQ4_1(
    _ values: Span<Float>, columns: Int, importance: Span<Float>, into blocks: inout MutableSpan<UInt8>
  ) {
    require(!importance.isEmpty, "searchQ4_1", "an importance is needed")
    unsafe search("searchQ4_1", values, columns, importance, 32, 20, &blocks, ck_quantize_q4_1)
  }

  /// Blocks of 32 in 22 bytes.
  public static func searchQ5_0(
    _ values: Span<Float>, columns: Int, importance: Span<Float>, into blocks: inout MutableSpan<UInt8>
  ) {
    require(!importance.isEmpty, "searchQ5_0", "an importance is needed")
    unsafe search("searchQ5_0", values, columns, importance, 32, 22, &blocks, ck_quantize_q5_0)
  }

  /// Blocks of 32 in 24 bytes.
  public static func searchQ5_1(
    _ values: Span<Float>, columns: Int, importance: Span<Float>, into blocks: inout MutableSpan<UInt8>
  ) {
    require(!importance.isEmpty, "searchQ5_1", "an importance is needed")
    unsafe search("searchQ5_1", values, columns, importance, 32, 24, &blocks, ck_quantize_q5_1)
  }

  /// Blocks of 256 in 144 bytes.
  public static func searchQ4_K(
    _ values: Span<Float>, columns: Int, importance: Span<Float>, into blocks: inout MutableSpan<UInt8>
  ) {
    unsafe search("searchQ4_K", values, columns, importance, 256, 144, &blocks, ck_quantize_q4_k)
  }

  /// Blocks of 256 in 176 bytes.
  public static func searchQ5_K(
    _ values: Span<Float>, columns: Int, importance: Span<Float>, into blocks: inout MutableSpan<UInt8>
  ) {
    unsafe search("searchQ5_K", values, columns, importance, 256, 176, &blocks, ck_quantize_q5_k)
  }

  /// Blocks of 256 in 210 bytes.
  public static func searchQ6_K(
    _ values: Span<Float>, columns: Int, importance: Span<Float>, into blocks: inout MutableSpan<UInt8>
  ) {
    unsafe search("searchQ6_K", values, columns, importance, 256, 210, &blocks, ck_quantize_q6_k)
  }

  private static func search(
    _ operation: StaticString, _ values: Span<Float>, _ columns: Int, _ importance: Span<Float>, _ blockSize: Int,
    _ blockBytes: Int, _ blocks: inout MutableSpan<UInt8>,
    _ kernel:
      @Sendable (UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int, UnsafeMutablePointer<UInt8>?) -> Void
  ) {
    let count = check(operation, bytes: blocks.count, values: values.count, blockSize, blockBytes)
    require(
      columns > 0 && columns % blockSize == 0 && values.count % columns == 0, operation,
      "\(values.count) values in rows of \(columns), blocks of \(blockSize)")
    require(
      importance.isEmpty || importance.count == columns, operation,
      "\(importance.count) importances for \(columns) columns")
    if count == 0 { return }
    let from = unsafe Address(values), to = unsafe MutableAddress(&blocks), weights = unsafe Address(importance)
    let isWeighted = !importance.isEmpty, rowBytes = columns / blockSize * blockBytes
    Parallel.ranges(values.count / columns, grain: max(1, grain / columns)) { rows in
      unsafe kernel(
        from.base + rows.lowerBound * columns, isWeighted ? weights.base : nil, rows.count, columns,
        to.base + rows.lowerBound * rowBytes)
    }
  }
}
