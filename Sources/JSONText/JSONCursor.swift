/// Walks through JSON text (RFC 8259) value by value, without building a tree; every refusal names the byte.
///
/// Stricter than the RFC where leniency hides mistakes: no key twice in an object, no lone surrogates, no NaN. Nesting
/// and the number of values are bounded, so hostile text costs no more than its own size.
public struct JSONCursor: Sendable {
  /// Deeper nesting is refused.
  public static let greatestDepth = 64

  let bytes: [UInt8]
  /// The byte that is read next.
  public internal(set) var position = 0
  private var depth = 0
  private var valuesLeft: Int

  /// A cursor at the first byte.
  ///
  /// - Parameter mostValues: more values than these, keys not counted, are refused.
  public init(_ bytes: [UInt8], mostValues: Int = 1 << 18) {
    (self.bytes, valuesLeft) = (bytes, mostValues)
  }

  /// An object, whose members `member` reads: it is called with each key and must consume the value.
  public mutating func object(
    _ member: (_ key: String, inout JSONCursor) throws(JSONError) -> Void
  ) throws(JSONError) {
    try open("{", "an object")
    var keys = Set<String>()
    var isFirst = true
    while try !close("}", isFirst: isFirst) {
      skipSpace()
      let start = position
      let key = try text("a key in quotes, or }")
      if !keys.insert(key).inserted {
        throw JSONError(position: start, found: "the key \(quoted(key)) a second time", allowed: "every key once")
      }
      skipSpace()
      try expect(":", "a colon after the key")
      try member(key, &self)
      isFirst = false
    }
  }

  /// An array, whose elements `element` reads: it is called for each and must consume it.
  public mutating func array(_ element: (inout JSONCursor) throws(JSONError) -> Void) throws(JSONError) {
    try open("[", "an array")
    var isFirst = true
    while try !close("]", isFirst: isFirst) {
      try element(&self)
      isFirst = false
    }
  }

  /// The next string.
  public mutating func string() throws(JSONError) -> String {
    try begin()
    return try text("a string")
  }

  /// The next number, which must be an integer from 0, written with digits alone.
  public mutating func count() throws(JSONError) -> Int {
    let start = try begin()
    let digits = try number()
    guard let value = Int(digits), value >= 0, !digits.hasPrefix("-") else {
      throw JSONError(position: start, found: quoted(digits), allowed: "an integer from 0 to \(Int.max)")
    }
    return value
  }

  /// Makes sure that nothing but white space is left.
  public mutating func end() throws(JSONError) {
    skipSpace()
    if position < bytes.count { throw refusal("the end of the text") }
  }

  // MARK: - The grammar

  /// Skips to the next value and counts it; gives its first byte.
  @discardableResult
  mutating func begin() throws(JSONError) -> Int {
    skipSpace()
    if valuesLeft == 0 {
      throw JSONError(position: position, found: "one value too many", allowed: "a text with fewer values")
    }
    valuesLeft -= 1
    return position
  }

  /// The next byte that is no white space.
  mutating func peek() -> UInt8? {
    skipSpace()
    return position < bytes.count ? bytes[position] : nil
  }

  private mutating func open(_ bracket: Unicode.Scalar, _ what: String) throws(JSONError) {
    let start = try begin()
    try expect(bracket, what)
    depth += 1
    if depth > Self.greatestDepth {
      throw JSONError(
        position: start, found: "nesting deeper than \(Self.greatestDepth) levels",
        allowed: "up to \(Self.greatestDepth)")
    }
  }

  /// Whether the bracket closes here; otherwise consumes the comma before all but the first element.
  private mutating func close(_ bracket: Unicode.Scalar, isFirst: Bool) throws(JSONError) -> Bool {
    let byte = peek()
    if byte == UInt8(ascii: bracket) {
      position += 1
      depth -= 1
      return true
    }
    if !isFirst { try expect(",", "a comma or \(bracket)") }
    return false
  }

  private mutating func expect(_ scalar: Unicode.Scalar, _ what: String) throws(JSONError) {
    guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { throw refusal(what) }
    position += 1
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[position]) { position += 1 }
  }

  /// What stands at the cursor instead of what is allowed.
  func refusal(_ allowed: String) -> JSONError {
    guard position < bytes.count else { return JSONError(position: position, found: "the end", allowed: allowed) }
    let byte = bytes[position]
    let found =
      (0x21..<0x7f).contains(byte) ? "\"\(Unicode.Scalar(byte))\"" : "the byte 0x" + String(byte, radix: 16)
    return JSONError(position: position, found: found, allowed: allowed)
  }
}
