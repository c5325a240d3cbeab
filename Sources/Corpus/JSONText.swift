/// Writes JSON texts into bytes; for files too large for an encoder that holds every record as an object.
enum JSONText {
  /// Adds a text in quotes. Everything but quotes, backslashes and control characters stays as it is.
  static func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += [0x5c, 0x22]
      case UInt8(ascii: "\\"): bytes += [0x5c, 0x5c]
      case 0x0a: bytes += [0x5c, UInt8(ascii: "n")]
      case 0x0d: bytes += [0x5c, UInt8(ascii: "r")]
      case 0x09: bytes += [0x5c, UInt8(ascii: "t")]
      case ..<0x20, 0x7f:
        let digits = String(byte, radix: 16)
        bytes += "\\u".utf8
        bytes += String(repeating: "0", count: 4 - digits.count).utf8
        bytes += digits.utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
