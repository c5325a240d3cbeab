import Kernels

/// How a tensor's values lie in bytes, little-endian.
///
/// All types of whole bytes are known, so that a file which holds other tensors beside the weights can be opened;
/// only F32, F16 and BF16 can be converted to floats and back.
public enum SafetensorsType: String, CaseIterable, Sendable, CustomStringConvertible {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case f64 = "F64"
  case i64 = "I64"
  case u64 = "U64"
  case i32 = "I32"
  case u32 = "U32"
  case i16 = "I16"
  case u16 = "U16"
  case i8 = "I8"
  case u8 = "U8"
  case bool = "BOOL"
  case c64 = "C64"
  case f8e4m3 = "F8_E4M3"
  case f8e5m2 = "F8_E5M2"
  case f8e4m3fnuz = "F8_E4M3FNUZ"
  case f8e5m2fnuz = "F8_E5M2FNUZ"
  case f8e8m0 = "F8_E8M0"

  /// Bytes of one value.
  public var byteCount: Int {
    switch self {
    case .f64, .i64, .u64, .c64: 8
    case .f32, .i32, .u32: 4
    case .f16, .bf16, .i16, .u16: 2
    case .i8, .u8, .bool, .f8e4m3, .f8e5m2, .f8e4m3fnuz, .f8e5m2fnuz, .f8e8m0: 1
    }
  }

  /// Whether values can be converted to floats and back.
  public var isFloat: Bool { [.f32, .f16, .bf16].contains(self) }

  public var description: String { rawValue }

  /// The names of the types that can be converted, for messages.
  static let floatNames = "F32, F16, BF16"

  /// Converts values to floats, exactly. Traps unless the type ``isFloat`` and the bytes are those of so many values.
  func decode(_ bytes: RawSpan, into values: inout MutableSpan<Float>) {
    switch self {
    case .f32: BlockKernel.decodeF32(bytes, into: &values)
    case .f16: BlockKernel.decodeF16(bytes, into: &values)
    case .bf16: BlockKernel.decodeBF16(bytes, into: &values)
    default: preconditionFailure("decode: only \(Self.floatNames) can be read as floats, not \(self)")
    }
  }

  /// Converts floats to this type, to nearest, ties to even. Traps as ``decode(_:into:)`` does.
  func encode(_ values: Span<Float>, into bytes: inout MutableSpan<UInt8>) {
    switch self {
    case .f32: BlockKernel.encodeF32(values, into: &bytes)
    case .f16: BlockKernel.encodeF16(values, into: &bytes)
    case .bf16: BlockKernel.encodeBF16(values, into: &bytes)
    default: preconditionFailure("encode: only \(Self.floatNames) can be made from floats, not \(self)")
    }
  }

  /// The index of the first finite value whose rounding would be infinite.
  func firstUnencodable(in values: Span<Float>) -> Int? {
    let limit: Float
    switch self {
    case .f16: limit = 65520
    case .bf16: limit = 0x1.ffp127
    default: return nil
    }
    return values.indices.first { values[$0].isFinite && values[$0].magnitude >= limit }
  }
}
