/// A JSON value as a tree. Objects keep the order of their members and numbers their spelling, so that what a program
/// does not know can be written again as it was read.
public enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// As it is written, such as `1e-05`.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  public static func integer(_ value: Int) -> JSONValue { .number("\(value)") }

  /// A number with a point or an exponent, which Python reads as a float; null if it is not finite.
  public static func float(_ value: Double) -> JSONValue { value.isFinite ? .number("\(value)") : .null }

  /// What kind of value this is, for messages.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let digits): "the number \(digits.prefix(40))"
    case .string(let text): "the string \(quoted(text))"
    case .array(let elements): "an array of \(elements.count)"
    case .object(let object): "an object of \(object.members.count)"
    }
  }
}

/// The members of a JSON object in their order; every key once.
public struct JSONObject: Equatable, Sendable {
  public struct Member: Equatable, Sendable {
    public var key: String
    public var value: JSONValue
  }

  public private(set) var members: [Member] = []

  public init() {}

  /// Adds a member; the caller knows that its key is new.
  public mutating func append(_ key: String, _ value: JSONValue) { members.append(Member(key: key, value: value)) }

  /// The value of a key; a new key goes to the end, a known one keeps its place, nil removes it. Reading takes as long
  /// as there are members.
  public subscript(key: String) -> JSONValue? {
    get { members.first { $0.key == key }?.value }
    set {
      let index = members.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (nil, let value?): append(key, value)
      case (let index?, nil): members.remove(at: index)
      case (nil, nil): break
      }
    }
  }
}

extension JSONValue {
  /// Reads a whole text.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var cursor = JSONCursor(bytes)
    self = try cursor.value()
    try cursor.end()
  }
}

extension JSONCursor {
  /// The next value, whatever it is.
  public mutating func value() throws(JSONError) -> JSONValue {
    switch peek() {
    case UInt8(ascii: "{"):
      var object = JSONObject()
      try self.object { (key, cursor) throws(JSONError) in object.append(key, try cursor.value()) }
      return .object(object)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try array { (cursor) throws(JSONError) in elements.append(try cursor.value()) }
      return .array(elements)
    case UInt8(ascii: "\""):
      return .string(try string())
    case UInt8(ascii: "t"):
      try begin()
      try word("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try begin()
      try word("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try begin()
      try word("null")
      return .null
    default:
      try begin()
      if let byte = peek(), byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) { return .number(try number()) }
      throw refusal("a JSON value")
    }
  }
}
