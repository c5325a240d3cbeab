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

  /// The caller knows that the keys differ.
  public init(_ members: [(key: String, value: JSONValue)]) {
    self.members = members.map { Member(key: $0, value: $1) }
  }

  /// Adds a member; the caller knows that its key is new.
  public mutating func append(_ key: String, _ value: JSONValue) { members.append(Member(key: key, value: value)) }

  /// The value of a key; a new key goes to the end, a known one keeps its place, nil removes it. Reading takes as long
  /// as there are members.
  public subscript(key: String) -> JSONValue? {
    get { index(of: key).map { members[$0].value } }
    set {
      switch (index(of: key), newValue) {
      case (let index?, let value?): members[index].value = value
      case (nil, let value?): append(key, value)
      case (let index?, nil): members.remove(at: index)
      case (nil, nil): break
      }
    }
  }

  private func index(of key: String) -> Int? { members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) } }
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
    default: return try scalar()
    }
  }
}
