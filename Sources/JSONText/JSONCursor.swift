/// Walks through JSON text (RFC 8259) value by value, without building a tree; every refusal names the byte.
///
/// Stricter than the RFC where leniency hides mistakes: no key twice in an object, no lone surrogates, no NaN. Nesting
/// and the number of values are bounded, so hostile text costs no more than its own size. A copy of a cursor walks on by
/// itself over the same bytes, so a long part can be skipped first and read when the rest has told what it is.
public struct JSONCursor: Sendable {
  /// Deeper nesting is refused.
  public static let greatestDepth = 64

  let bytes: [UInt8]
  /// The byte that is read next.
  public internal(set) var position = 0
  private var depth = 0
  private var mostValues: Int
  private var valuesLeft: Int

  /// A cursor at the first byte, behind a byte order mark.
  ///
  /// - Parameter mostValues: more values than these, keys not counted, are refused. Who keeps no more of a value than it
  ///   has bytes needs no limit: `.max`.
  public init(_ bytes: [UInt8], mostValues: Int = 1 << 18) {
    (self.bytes, self.mostValues, valuesLeft) = (bytes, mostValues, mostValues)
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
  }

  /// An object, whose members `member` reads: it is called with each key and must consume the value.
  ///
  /// - Parameter allowsRepeatedKeys: spares the memory for all keys where the caller finds repeated ones by itself, or
  ///   where they do no harm.
  public mutating func object(
    allowsRepeatedKeys: Bool = false, _ member: (_ key: String, inout JSONCursor) throws(JSONError) -> Void
  ) throws(JSONError) {
    try open("{", "an object")
    var keys = Set<ExactText>()
    var isFirst = true
    while try !close("}", isFirst: isFirst) {
      skipSpace()
      let start = position
      let key = try text("a key in quotes, or }")
      if !allowsRepeatedKeys, !keys.insert(ExactText(text: key)).inserted {
        throw JSONError(
          .syntax, position: start, found: "the key \(quoted(key)) a second time", allowed: "every key once")
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
    if peek() != UInt8(ascii: "\"") { throw mismatch("a string") }
    return try text("a string")
  }

  /// The next number, which must be an integer from 0, written with digits alone.
  public mutating func count() throws(JSONError) -> Int {
    let start = try begin()
    guard nextIsNumber() else { throw mismatch("an integer from 0 to \(Int.max)") }
    let digits = try number()
    guard let value = Int(digits), value >= 0, !digits.hasPrefix("-") else {
      throw JSONError(position: start, found: quoted(digits), allowed: "an integer from 0 to \(Int.max)")
    }
    return value
  }

  /// The next value, which must be true, false or null; nil for null.
  public mutating func bool() throws(JSONError) -> Bool? {
    try begin()
    switch peek() {
    case UInt8(ascii: "t"):
      try word("true")
      return true
    case UInt8(ascii: "f"):
      try word("false")
      return false
    case UInt8(ascii: "n"):
      try word("null")
      return nil
    default: throw mismatch("true, false or null")
    }
  }

  /// Steps over the next value, whatever it is; its grammar is checked, and not whether its keys differ.
  public mutating func skip() throws(JSONError) {
    switch peek() {
    case UInt8(ascii: "{"): try object(allowsRepeatedKeys: true) { (_, cursor) throws(JSONError) in try cursor.skip() }
    case UInt8(ascii: "["): try array { (cursor) throws(JSONError) in try cursor.skip() }
    case UInt8(ascii: "\""):
      try begin()
      try skipText()
    default: _ = try scalar()
    }
  }

  /// Runs `body` with at most `most` values for it to read: a tree of them is far larger than their text may be.
  public mutating func limited<Result>(
    to most: Int, _ body: (inout JSONCursor) throws(JSONError) -> Result
  ) throws(JSONError) -> Result {
    let (outerMost, outerLeft) = (mostValues, valuesLeft)
    if most < valuesLeft { (mostValues, valuesLeft) = (most, most) }
    let start = valuesLeft
    let result = try body(&self)
    (mostValues, valuesLeft) = (outerMost, outerLeft - (start - valuesLeft))
    return result
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
      throw JSONError(position: position, found: "one value more", allowed: "at most \(mostValues) values")
    }
    valuesLeft -= 1
    return position
  }

  /// The first byte of what comes next, which tells its kind; nil at the end.
  public mutating func peek() -> UInt8? {
    skipSpace()
    return position < bytes.count ? bytes[position] : nil
  }

  mutating func nextIsNumber() -> Bool {
    guard let byte = peek() else { return false }
    return byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte)
  }

  private mutating func open(_ bracket: Unicode.Scalar, _ what: String) throws(JSONError) {
    let start = try begin()
    if peek() != UInt8(ascii: bracket) { throw mismatch(what) }
    position += 1
    depth += 1
    if depth > Self.greatestDepth {
      throw JSONError(
        .syntax, position: start, found: "nesting deeper than \(Self.greatestDepth) levels",
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
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      position += 1
    }
  }

  /// What stands at the cursor instead of what is allowed.
  func refusal(_ allowed: String) -> JSONError {
    guard position < bytes.count else {
      return JSONError(.syntax, position: position, found: "the end", allowed: allowed)
    }
    let byte = bytes[position]
    let found =
      (0x21..<0x7f).contains(byte)
      ? quoted(String(decoding: bytes[position...].prefix(24), as: UTF8.self)) : "the byte 0x" + String(byte, radix: 16)
    return JSONError(.syntax, position: position, found: found, allowed: allowed)
  }

  /// What begins at the cursor instead of the kind of value that is allowed.
  private func mismatch(_ allowed: String) -> JSONError {
    var error = refusal(allowed)
    if position < bytes.count, "{[\"-0123456789tfn".utf8.contains(bytes[position]) { error.kind = .value }
    return error
  }
}

/// A text that equals only its own bytes, as keys do; Swift's strings equal their other normal forms, too.
private struct ExactText: Hashable {
  let text: String

  static func == (one: ExactText, other: ExactText) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }
  func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
