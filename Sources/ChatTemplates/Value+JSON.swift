/// The filter `tojson`: Python's `json.dumps`.
struct JSONWriter {
  /// What one level is indented by; nil writes one line.
  var indent: String?
  var itemSeparator: String
  var keySeparator: String
  var sortsKeys = false
  var escapesNonASCII = false
  private(set) var result = MarkedBytes()

  init(indent: String?, separators: (item: String, key: String)?, sortsKeys: Bool, escapesNonASCII: Bool) {
    self.indent = indent
    itemSeparator = separators?.item ?? (indent == nil ? ", " : ",")
    keySeparator = separators?.key ?? ": "
    self.sortsKeys = sortsKeys
    self.escapesNonASCII = escapesNonASCII
  }

  /// A value that JSON cannot say.
  struct Unwritable: Error { var found: String }

  mutating func write(_ value: Value, level: Int = 0) throws(Unwritable) {
    switch value {
    case .none: result.append("null")
    case .bool(let value): result.append(value ? "true" : "false")
    case .int(let value): result.append(String(value))
    case .float(let value): result.append(Self.number(value))
    case .text(let text): write(text)
    case .list(let box) where box.kind != .iterator:
      if box.items.isEmpty { return result.append("[]") }
      result.append("[")
      for (index, item) in box.items.enumerated() {
        if index > 0 { result.append(itemSeparator) }
        newLine(level + 1)
        try write(item, level: level + 1)
      }
      newLine(level)
      result.append("]")
    case .dict(let box): try write(box, level: level)
    default: throw Unwritable(found: value.typeName)
    }
  }

  private mutating func write(_ box: DictBox, level: Int) throws(Unwritable) {
    if box.keys.isEmpty { return result.append("{}") }
    var order = Array(box.keys.indices)
    if sortsKeys { order.sort { box.keys[$0].isLess(than: box.keys[$1]) ?? false } }
    result.append("{")
    for (position, index) in order.enumerated() {
      if position > 0 { result.append(itemSeparator) }
      newLine(level + 1)
      switch box.keys[index] {
      case .text(let text): write(text)
      case .none: result.append("\"null\"")
      case .bool(let value): result.append(value ? "\"true\"" : "\"false\"")
      case .int(let value): result.append("\"\(value)\"")
      case .float(let value): result.append("\"\(Self.number(value))\"")
      default: throw Unwritable(found: "a key that is \(box.keys[index].typeName)")
      }
      result.append(keySeparator)
      try write(box.values[index], level: level + 1)
    }
    newLine(level)
    result.append("}")
  }

  private mutating func newLine(_ level: Int) {
    guard let indent else { return }
    result.append("\n" + String(repeating: indent, count: level))
  }

  private static func number(_ value: Double) -> String {
    value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : value.pythonDescription
  }

  private mutating func write(_ text: Text) {
    var out: [UInt8] = [UInt8(ascii: "\"")]
    func unicode(_ unit: UInt16) -> [UInt8] {
      let digits = String(unit, radix: 16)
      return Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
    }
    for byte in text.bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
      case 0x0A: out += Array("\\n".utf8)
      case 0x0D: out += Array("\\r".utf8)
      case 0x09: out += Array("\\t".utf8)
      case 0x08: out += Array("\\b".utf8)
      case 0x0C: out += Array("\\f".utf8)
      case 0..<0x20: out += unicode(UInt16(byte))
      default: out.append(byte)
      }
    }
    if escapesNonASCII, out.contains(where: { $0 >= 0x80 }) {
      out = String(decoding: out, as: UTF8.self).utf16.flatMap { $0 < 0x80 ? [UInt8($0)] : unicode($0) }
    }
    result.append(out + [UInt8(ascii: "\"")])
  }
}
