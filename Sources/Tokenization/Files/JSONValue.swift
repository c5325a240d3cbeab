/// A small JSON value: what is left of a tokenizer file besides its vocabulary and merges, and what is written.
indirect enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  /// Members in the order of the file; of equal keys the last counts.
  case object([Member])

  struct Member: Equatable, Sendable {
    var name: String
    var value: JSONValue
  }

  /// Values in one tree; more are refused, so that a hostile file cannot fill memory with empty lists.
  static let largest = 50_000

  subscript(name: String) -> JSONValue {
    guard case .object(let members) = self else { return .null }
    return members.last { $0.name == name }?.value ?? .null
  }

  var string: String? { if case .string(let text) = self { text } else { nil } }
  var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  var integer: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
  var isNull: Bool { self == .null }

  /// The value of the key `type`, by which tokenizer files name their parts.
  var type: String? { self["type"].string }

  init(reading cursor: inout JSONCursor) throws(TokenizerFileError) {
    var budget = Self.largest
    self = try Self.read(&cursor, &budget)
  }

  private static func read(_ cursor: inout JSONCursor, _ budget: inout Int) throws(TokenizerFileError) -> JSONValue {
    budget -= 1
    guard budget > 0 else { throw cursor.wrongKind("at most \(largest) values outside the vocabulary") }
    switch cursor.peek() {
    case UInt8(ascii: "{"):
      var members: [Member] = []
      try cursor.object { (cursor, name) throws(TokenizerFileError) in
        members.append(Member(name: name, value: try read(&cursor, &budget)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var values: [JSONValue] = []
      try cursor.array { (cursor, _) throws(TokenizerFileError) in values.append(try read(&cursor, &budget)) }
      return .array(values)
    case UInt8(ascii: "\""): return .string(try cursor.string())
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      return try cursor.literal().map { .bool($0) } ?? .null
    default: return .number(try cursor.number())
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral, ExpressibleByIntegerLiteral
{
  init(stringLiteral text: String) { self = .string(text) }
  init(booleanLiteral flag: Bool) { self = .bool(flag) }
  init(integerLiteral number: Int) { self = .number(Double(number)) }
  init(nilLiteral: ()) { self = .null }
  init(arrayLiteral values: JSONValue...) { self = .array(values) }
  init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(members.map { Member(name: $0, value: $1) })
  }
}
