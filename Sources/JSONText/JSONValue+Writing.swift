extension JSONValue {
  /// The value as text, indented by two spaces a level, as `json.dumps(…, ensure_ascii=False, indent=2)` writes it.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The bytes of ``text``.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes, indentation: 0)
    return bytes
  }

  /// A string as JSON text, in quotes.
  public static func quotedText(_ string: String) -> String {
    var bytes: [UInt8] = []
    write(string, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(to bytes: inout [UInt8], indentation: Int) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .number(let digits): bytes += digits.utf8
    case .string(let string): Self.write(string, to: &bytes)
    case .array(let elements):
      Self.write(elements, "[", "]", to: &bytes, indentation) { element, bytes, indentation in
        element.write(to: &bytes, indentation: indentation)
      }
    case .object(let object):
      Self.write(object.members, "{", "}", to: &bytes, indentation) { member, bytes, indentation in
        Self.write(member.key, to: &bytes)
        bytes += ": ".utf8
        member.value.write(to: &bytes, indentation: indentation)
      }
    }
  }

  private static func write<Item>(
    _ items: [Item], _ open: Unicode.Scalar, _ close: Unicode.Scalar, to bytes: inout [UInt8], _ indentation: Int,
    _ item: (Item, inout [UInt8], Int) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    for (index, element) in items.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      newLine(&bytes, indentation + 2)
      item(element, &bytes, indentation + 2)
    }
    if !items.isEmpty { newLine(&bytes, indentation) }
    bytes.append(UInt8(ascii: close))
  }

  private static func newLine(_ bytes: inout [UInt8], _ indentation: Int) {
    bytes.append(0x0a)
    bytes.append(contentsOf: repeatElement(0x20, count: indentation))
  }

  private static func write(_ string: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case 0x0a: bytes += "\\n".utf8
      case 0x0d: bytes += "\\r".utf8
      case 0x09: bytes += "\\t".utf8
      case 0..<0x20: bytes += ((byte < 16 ? "\\u000" : "\\u00") + String(byte, radix: 16)).utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
