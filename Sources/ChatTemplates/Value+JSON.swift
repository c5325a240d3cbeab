import JSONText

extension Value {
  /// A value that JSON cannot say.
  struct Unwritable: Error { var found: String }

  /// The value as `json.dumps` takes it: mappings' keys become texts, numbers are spelled as Python spells them.
  func json(sortsKeys: Bool) throws(Unwritable) -> JSONValue {
    switch self {
    case .none: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .integer(number)
    case .float(let number): return .number(Self.json(number))
    case .text(let text): return .string(text.string)
    case .list(let box) where box.kind != .iterator:
      var elements: [JSONValue] = []
      for item in box.items { elements.append(try item.json(sortsKeys: sortsKeys)) }
      return .array(elements)
    case .dict(let box):
      var order = Array(box.keys.indices)
      if sortsKeys { order.sort { box.keys[$0].isLess(than: box.keys[$1]) ?? false } }
      var object = JSONObject()
      for index in order {
        object.append(try box.keys[index].jsonKey(), try box.values[index].json(sortsKeys: sortsKeys))
      }
      return .object(object)
    default: throw Unwritable(found: typeName)
    }
  }

  private func jsonKey() throws(Unwritable) -> String {
    switch self {
    case .text(let text): return text.string
    case .none: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return "\(number)"
    case .float(let number): return Self.json(number)
    default: throw Unwritable(found: "a key that is \(typeName)")
    }
  }

  private static func json(_ number: Double) -> String {
    number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : number.pythonDescription
  }
}
