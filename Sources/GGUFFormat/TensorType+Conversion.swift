import Kernels

extension TensorType {
  /// Converts whole blocks to floats, bit for bit as ggml's reference does.
  ///
  /// Traps unless `bytes` holds exactly the blocks of `values.count` values.
  public func decode(_ bytes: RawSpan, into values: inout MutableSpan<Float>) {
    switch self {
    case .f32: BlockKernel.decodeF32(bytes, into: &values)
    case .f16: BlockKernel.decodeF16(bytes, into: &values)
    case .bf16: BlockKernel.decodeBF16(bytes, into: &values)
    case .q8_0: BlockKernel.decodeQ8_0(bytes, into: &values)
    case .q4_0: BlockKernel.decodeQ4_0(bytes, into: &values)
    case .q4_1: BlockKernel.decodeQ4_1(bytes, into: &values)
    case .q5_0: BlockKernel.decodeQ5_0(bytes, into: &values)
    case .q5_1: BlockKernel.decodeQ5_1(bytes, into: &values)
    case .q4_K: BlockKernel.decodeQ4_K(bytes, into: &values)
    case .q5_K: BlockKernel.decodeQ5_K(bytes, into: &values)
    case .q6_K: BlockKernel.decodeQ6_K(bytes, into: &values)
    }
  }

  /// Converts floats to whole blocks: F16 and BF16 to nearest, ties to even; Q8_0, Q4_0, Q4_1, Q5_0 and Q5_1 with the
  /// bytes of ggml's reference; the K types by its search for scales.
  ///
  /// - Parameters:
  ///   - columns: values of a row; `values` is whole rows. Needed with `importance` and by no type else.
  ///   - importance: a weight for each column, by which the quantised types but Q8_0 search for scales that harm
  ///     important columns less; [columns] or empty. Others ignore it.
  ///
  /// Traps unless `bytes` has room for exactly the blocks of `values.count` values. Values that do not fit are found
  /// by ``firstUnencodable(in:)``.
  public func encode(
    _ values: Span<Float>, columns: Int? = nil, importance: [Float] = [], into bytes: inout MutableSpan<UInt8>
  ) {
    let row = columns ?? blockSize, weights = importance.span
    switch self {
    case .f32: BlockKernel.encodeF32(values, into: &bytes)
    case .f16: BlockKernel.encodeF16(values, into: &bytes)
    case .bf16: BlockKernel.encodeBF16(values, into: &bytes)
    case .q8_0: BlockKernel.encodeQ8_0(values, into: &bytes)
    case .q4_0 where weights.isEmpty: BlockKernel.encodeQ4_0(values, into: &bytes)
    case .q4_1 where weights.isEmpty: BlockKernel.encodeQ4_1(values, into: &bytes)
    case .q5_0 where weights.isEmpty: BlockKernel.encodeQ5_0(values, into: &bytes)
    case .q5_1 where weights.isEmpty: BlockKernel.encodeQ5_1(values, into: &bytes)
    case .q4_0: BlockKernel.searchQ4_0(values, columns: row, importance: weights, into: &bytes)
    case .q4_1: BlockKernel.searchQ4_1(values, columns: row, importance: weights, into: &bytes)
    case .q5_0: BlockKernel.searchQ5_0(values, columns: row, importance: weights, into: &bytes)
    case .q5_1: BlockKernel.searchQ5_1(values, columns: row, importance: weights, into: &bytes)
    case .q4_K: BlockKernel.searchQ4_K(values, columns: row, importance: weights, into: &bytes)
    case .q5_K: BlockKernel.searchQ5_K(values, columns: row, importance: weights, into: &bytes)
    case .q6_K: BlockKernel.searchQ6_K(values, columns: row, importance: weights, into: &bytes)
    }
  }

  /// The index of the first value that this type would turn into something else than a rounding of it: a
  /// finite value beyond what its halves or bfloats reach, and for the quantised types also a NaN or an infinity.
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
}
