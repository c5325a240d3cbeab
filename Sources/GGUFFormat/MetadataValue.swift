/// One typed metadata value, exactly as the file types it.
///
/// Programs that load GGUF are strict about these types (llama.cpp wants counts as u32, floats as f32), so
/// whoever writes chooses the case; whoever reads may use the lenient accessors of ``Metadata``.
public enum MetadataValue: Equatable, Sendable {
  case uint8(UInt8)
  case int8(Int8)
  case uint16(UInt16)
  case int16(Int16)
  case uint32(UInt32)
  case int32(Int32)
  case float32(Float)
  case bool(Bool)
  case string(String)
  case array(MetadataArray)
  case uint64(UInt64)
  case int64(Int64)
  case float64(Double)

  public var type: MetadataType {
    switch self {
    case .uint8: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    case .uint32: .uint32
    case .int32: .int32
    case .float32: .float32
    case .bool: .bool
    case .string: .string
    case .array: .array
    case .uint64: .uint64
    case .int64: .int64
    case .float64: .float64
    }
  }
}

/// A metadata array: one element type, stored as a plain Swift array. Arrays of arrays cannot be said; ggml
/// refuses them too.
public enum MetadataArray: Equatable, Sendable {
  case uint8([UInt8])
  case int8([Int8])
  case uint16([UInt16])
  case int16([Int16])
  case uint32([UInt32])
  case int32([Int32])
  case float32([Float])
  case bool([Bool])
  case string([String])
  case uint64([UInt64])
  case int64([Int64])
  case float64([Double])

  public var elementType: MetadataType {
    switch self {
    case .uint8: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    case .uint32: .uint32
    case .int32: .int32
    case .float32: .float32
    case .bool: .bool
    case .string: .string
    case .uint64: .uint64
    case .int64: .int64
    case .float64: .float64
    }
  }

  public var count: Int { elements.count }

  /// The Swift array, whatever its type.
  var elements: any Collection {
    switch self {
    case .uint8(let elements): elements
    case .int8(let elements): elements
    case .uint16(let elements): elements
    case .int16(let elements): elements
    case .uint32(let elements): elements
    case .int32(let elements): elements
    case .float32(let elements): elements
    case .bool(let elements): elements
    case .string(let elements): elements
    case .uint64(let elements): elements
    case .int64(let elements): elements
    case .float64(let elements): elements
    }
  }
}

/// The thirteen value types; raw values are the file's type numbers, descriptions the usual short names.
public enum MetadataType: UInt32, CaseIterable, Sendable, CustomStringConvertible {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

  public var description: String {
    switch self {
    case .uint8: "u8"
    case .int8: "i8"
    case .uint16: "u16"
    case .int16: "i16"
    case .uint32: "u32"
    case .int32: "i32"
    case .float32: "f32"
    case .bool: "bool"
    case .string: "string"
    case .array: "array"
    case .uint64: "u64"
    case .int64: "i64"
    case .float64: "f64"
    }
  }

  /// Bytes of the smallest value of this type in a file: a string is its 8-byte length, an array its element
  /// type and count.
  var minimumByteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .string, .uint64, .int64, .float64: 8
    case .array: 12
    }
  }
}
