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

  /// Converts floats to whole blocks: F16 and BF16 to nearest, ties to even; Q8_0 as ggml's reference.
  ///
  /// Traps unless `bytes` has room for exactly the blocks of `values.count` values, and for types that are
  /// not ``isEncodable``. Values that do not fit are found by ``firstUnencodable(in:)``.
  public func encode(_ values: Span<Float>, into bytes: inout MutableSpan<UInt8>) {
    switch self {
    case .f32: BlockKernel.encodeF32(values, into: &bytes)
    case .f16: BlockKernel.encodeF16(values, into: &bytes)
    case .bf16: BlockKernel.encodeBF16(values, into: &bytes)
    case .q8_0: BlockKernel.encodeQ8_0(values, into: &bytes)
    case .q4_0, .q4_1, .q5_0, .q5_1, .q4_K, .q5_K, .q6_K:
      preconditionFailure("encode: only \(TensorType.encodableNames) can be made from floats, not \(self)")
    }
  }

  /// The index of the first value that this type would turn into something else than a rounding of it: a
  /// finite value beyond the largest half or bfloat, and for Q8_0 also a NaN or an infinity.
  public func firstUnencodable(in values: Span<Float>) -> Int? {
    // The smallest magnitudes that round to infinity; for Q8_0 the scale, a 127th, must round to a finite half.
    let limit: Float
    switch self {
    case .f16: limit = 65520
    case .bf16: limit = 0x1.ffp127
    case .q8_0: limit = 65519 * 127
    case .f32, .q4_0, .q4_1, .q5_0, .q5_1, .q4_K, .q5_K, .q6_K: return nil
    }
    for index in values.indices where !(values[index].magnitude < limit) {
      if self == .q8_0 || values[index].isFinite { return index }
    }
    return nil
  }
}
