extension JSONValue {
  /// The value of an object's key; null where there is no such key, or no object.
  public subscript(key: String) -> JSONValue {
    if case .object(let object) = self { object[key] ?? .null } else { .null }
  }

  /// The text of a string; nil for every other kind.
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  /// True or false; nil for every other kind.
  public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  /// The elements of an array; nil for every other kind.
  public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral text: String) { self = .string(text) }
  public init(booleanLiteral flag: Bool) { self = .bool(flag) }
  public init(integerLiteral number: Int) { self = .integer(number) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// The keys must differ; their order is kept.
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(JSONObject(members.map { ($0, $1) }))
  }
}
