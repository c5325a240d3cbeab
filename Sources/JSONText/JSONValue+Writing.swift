extension JSONValue {
  /// The value as text.
  public func text(_ style: JSONStyle = .indented) -> String { String(decoding: bytes(style), as: UTF8.self) }

  /// The bytes of ``text(_:)``.
  public func bytes(_ style: JSONStyle = .indented) -> [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes, style)
    return bytes
  }

  /// Adds the value's text.
  public func write(to bytes: inout [UInt8], _ style: JSONStyle) {
    var writer = JSONWriter(style: style)
    swap(&writer.bytes, &bytes)
    writer.write(self, level: 0)
    swap(&writer.bytes, &bytes)
  }
}

/// Writes values behind one another.
private struct JSONWriter {
  let style: JSONStyle
  var bytes: [UInt8] = []

  mutating func write(_ value: JSONValue, level: Int) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .number(let digits): bytes += digits.utf8
    case .string(let string): write(string)
    case .array(let elements):
      write(elements, "[", "]", level: level) { $0.write($1, level: level + 1) }
    case .object(let object):
      write(object.members, "{", "}", level: level) { writer, member in
        writer.write(member.key)
        writer.bytes += writer.style.keySeparator.utf8
        writer.write(member.value, level: level + 1)
      }
    }
  }

  private mutating func write<Item>(
    _ items: [Item], _ open: Unicode.Scalar, _ close: Unicode.Scalar, level: Int,
    _ write: (inout JSONWriter, Item) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    for (index, item) in items.enumerated() {
      if index > 0 { bytes += style.itemSeparator.utf8 }
      newLine(level + 1)
      write(&self, item)
    }
    if !items.isEmpty { newLine(level) }
    bytes.append(UInt8(ascii: close))
  }

  private mutating func newLine(_ level: Int) {
    guard let indent = style.indent else { return }
    bytes.append(0x0a)
    for _ in 0..<level { bytes += indent.utf8 }
  }

  private mutating func write(_ string: String) {
    bytes.append(UInt8(ascii: "\""))
    if style.escapesNonASCII {
      for unit in string.utf16 { if unit < 0x7f { write(UInt8(unit)) } else { escape(unit) } }
    } else {
      for byte in string.utf8 { write(byte) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Adds a byte of a string.
  private mutating func write(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): bytes += "\\\"".utf8
    case UInt8(ascii: "\\"): bytes += "\\\\".utf8
    case 0x08: bytes += "\\b".utf8
    case 0x09: bytes += "\\t".utf8
    case 0x0a: bytes += "\\n".utf8
    case 0x0c: bytes += "\\f".utf8
    case 0x0d: bytes += "\\r".utf8
    case 0..<0x20: escape(UInt16(byte))
    default: bytes.append(byte)
    }
  }

  private mutating func escape(_ unit: UInt16) {
    let digits = String(unit, radix: 16)
    bytes += "\\u".utf8
    bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
    bytes += digits.utf8
  }
}
