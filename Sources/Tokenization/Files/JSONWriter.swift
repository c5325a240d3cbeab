/// Writes JSON as Python's `json.dumps(ensure_ascii=False, indent=2)` lays it out.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private var indentation = 0

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: raw("null")
    case .bool(let flag): raw(flag ? "true" : "false")
    case .number(let number): raw(Int(exactly: number).map { "\($0)" } ?? "\(number)")
    case .string(let text): write(text)
    case .array(let values): list("[", "]", values.count) { $0.write(values[$1]) }
    case .object(let members):
      list("{", "}", members.count) { writer, index in
        writer.write(members[index].name)
        writer.raw(": ")
        writer.write(members[index].value)
      }
    }
  }

  /// A list or an object of `count` parts, each on its own line.
  mutating func list(_ open: String, _ close: String, _ count: Int, _ part: (inout JSONWriter, Int) -> Void) {
    raw(open)
    indentation += 2
    for index in 0..<count {
      if index > 0 { raw(",") }
      newLine()
      part(&self, index)
    }
    indentation -= 2
    if count > 0 { newLine() }
    raw(close)
  }

  mutating func write(_ text: String) {
    raw("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): raw("\\\"")
      case UInt8(ascii: "\\"): raw("\\\\")
      case 0x0A: raw("\\n")
      case 0x0D: raw("\\r")
      case 0x09: raw("\\t")
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        raw("\\u00" + (digits.count < 2 ? "0" : "") + digits)
      default: bytes.append(byte)
      }
    }
    raw("\"")
  }

  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func newLine() {
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(0x20, count: indentation))
  }
}
