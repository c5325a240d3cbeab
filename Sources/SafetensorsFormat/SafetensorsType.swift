public import Kernels

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

  /// How values that can be converted to floats and back are converted; nil for the other types.
  public var format: BlockFormat? {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    default: nil
    }
  }

  /// Whether values can be converted to floats and back.
  public var isFloat: Bool { format != nil }

  public var description: String { rawValue }

  /// The names of the types that can be converted, for messages.
  static let floatNames = "F32, F16, BF16"

  /// The format; traps for a type that has none.
  var convertibleFormat: BlockFormat {
    guard let format else { stop("\(self) values are no floats; \(Self.floatNames) are") }
    return format
  }
}
