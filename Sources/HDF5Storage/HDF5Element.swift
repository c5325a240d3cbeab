import CHDF5

/// A Swift number that HDF5 stores as it is.
public protocol HDF5Element: BitwiseCopyable, AdditiveArithmetic, Sendable {
  /// How HDF5 names this type.
  static var elementType: HDF5ElementType { get }
}

extension Float: HDF5Element {
  public static var elementType: HDF5ElementType { .floatingPoint(bytes: 4) }
}
extension Double: HDF5Element {
  public static var elementType: HDF5ElementType { .floatingPoint(bytes: 8) }
}
extension Int32: HDF5Element {
  public static var elementType: HDF5ElementType { .integer(bytes: 4, signed: true) }
}
extension Int64: HDF5Element {
  public static var elementType: HDF5ElementType { .integer(bytes: 8, signed: true) }
}
extension UInt8: HDF5Element {
  public static var elementType: HDF5ElementType { .integer(bytes: 1, signed: false) }
}

/// What one element of a dataset or attribute is.
public enum HDF5ElementType: Sendable, Equatable, CustomStringConvertible {
  case floatingPoint(bytes: Int)
  case integer(bytes: Int, signed: Bool)
  /// Text of at most `bytes` UTF-8 bytes, padded with zeros.
  case fixedString(bytes: Int)
  /// Text of any length, kept in the file's heap.
  case variableString
  /// A class of types this module does not read, by HDF5's name for it.
  case other(String)

  public var description: String {
    switch self {
    case .floatingPoint(let bytes): "Float\(bytes * 8)"
    case .integer(let bytes, let signed): "\(signed ? "Int" : "UInt")\(bytes * 8)"
    case .fixedString(let bytes): "String of \(bytes) bytes"
    case .variableString: "String"
    case .other(let name): name
    }
  }

  /// Classifies an HDF5 type; numbers in another byte order than this machine's are `.other`. The lock is held.
  init(type: hid_t) {
    let bytes = H5Tget_size(type)
    switch H5Tget_class(type) {
    case H5T_FLOAT where bytes == 4 && H5Tequal(type, chdf5_native_float()) > 0: self = .floatingPoint(bytes: 4)
    case H5T_FLOAT where bytes == 8 && H5Tequal(type, chdf5_native_double()) > 0: self = .floatingPoint(bytes: 8)
    case H5T_FLOAT: self = .other("floating point of \(bytes) bytes in an uncommon layout")
    case H5T_INTEGER where bytes > 1 && H5Tget_order(type) != H5Tget_order(chdf5_native_int64()):
      self = .other("integer of \(bytes) bytes in the other byte order")
    case H5T_INTEGER: self = .integer(bytes: bytes, signed: H5Tget_sign(type) == H5T_SGN_2)
    case H5T_STRING: self = H5Tis_variable_str(type) > 0 ? .variableString : .fixedString(bytes: bytes)
    case H5T_COMPOUND: self = .other("compound")
    case H5T_ENUM: self = .other("enumeration")
    case H5T_VLEN: self = .other("variable-length list")
    case H5T_ARRAY: self = .other("array")
    case H5T_OPAQUE: self = .other("opaque bytes")
    case H5T_REFERENCE: self = .other("reference")
    case H5T_BITFIELD: self = .other("bit field")
    default: self = .other("unknown class of type")
    }
  }

  /// The library's type for a number in memory; the lock is held.
  var nativeType: hid_t? {
    switch self {
    case .floatingPoint(bytes: 4): chdf5_native_float()
    case .floatingPoint(bytes: 8): chdf5_native_double()
    case .integer(bytes: 4, signed: true): chdf5_native_int32()
    case .integer(bytes: 8, signed: true): chdf5_native_int64()
    case .integer(bytes: 1, signed: false): chdf5_native_uint8()
    default: nil
    }
  }
}
