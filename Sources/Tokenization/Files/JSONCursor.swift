/// Walks through a JSON text (RFC 8259) and hands out its values one by one, without a tree of them.
///
/// A `tokenizer.json` is one object with half a million short texts; walking puts them straight where they belong, so
/// that memory stays near the file's own size. Strict: UTF-8 only, no lone surrogates, nothing behind the value.
struct JSONCursor {
  /// Deeper nesting is refused; no tokenizer needs it, and hostile input could otherwise grow the stack.
  static let deepest = 64

  let file: String
  /// The key of the value that is being read, for messages.
  var key = ""
  private let bytes: [UInt8]
  private(set) var position = 0
  private var depth = 0

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next value's first byte, which tells its kind; 0 at the end.
  mutating func peek() -> UInt8 {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return 0
  }

  /// Calls `member` with each key; it must read or skip the value.
  mutating func object(
    _ member: (inout JSONCursor, String) throws(TokenizerFileError) -> Void
  ) throws(TokenizerFileError) {
    try enter("{", "an object")
    if try close("}") { return }
    repeat {
      guard peek() == UInt8(ascii: "\"") else { throw broken("a key in quotation marks") }
      let name = try string()
      try expect(":")
      try member(&self, name)
    } while try next("}")
  }

  /// Calls `element` before each element; it must read or skip the value.
  mutating func array(
    _ element: (inout JSONCursor, Int) throws(TokenizerFileError) -> Void
  ) throws(TokenizerFileError) {
    try enter("[", "a list")
    if try close("]") { return }
    var index = 0
    repeat {
      try element(&self, index)
      index += 1
    } while try next("]")
  }

  mutating func string() throws(TokenizerFileError) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw wrongKind("a text") }
    let start = position + 1
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\"), bytes[end] >= 0x20 {
      end += 1
    }
    if end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
      guard let text = String(validating: bytes[start..<end], as: UTF8.self) else { throw broken("a text in UTF-8") }
      position = end + 1
      return text
    }
    return try escapedString(from: start)
  }

  mutating func integer() throws(TokenizerFileError) -> Int {
    let start = position
    guard let number = Int(try numberText()) else {
      position = start
      throw wrongKind("a whole number")
    }
    return number
  }

  mutating func number() throws(TokenizerFileError) -> Double {
    guard let number = Double(try numberText()) else { throw wrongKind("a number") }
    return number
  }

  /// Reads `true`, `false` or `null`; nil for null.
  mutating func literal() throws(TokenizerFileError) -> Bool? {
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
    default: throw wrongKind("true, false or null")
    }
  }

  /// Steps over a value of any kind.
  mutating func skip() throws(TokenizerFileError) {
    switch peek() {
    case UInt8(ascii: "{"): try object { (cursor, _) throws(TokenizerFileError) in try cursor.skip() }
    case UInt8(ascii: "["): try array { (cursor, _) throws(TokenizerFileError) in try cursor.skip() }
    case UInt8(ascii: "\""): try skipString()
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): _ = try literal()
    default: _ = try number()
    }
  }

  /// Checks that nothing follows.
  mutating func finish() throws(TokenizerFileError) {
    guard peek() == 0, position == bytes.count else { throw broken("the end of the file") }
  }

  func wrongKind(_ allowed: String) -> TokenizerFileError {
    problem(.invalid, allowed: allowed, repair: "Correct the value, or fetch the file again.")
  }

  // MARK: Parts

  private func broken(_ allowed: String) -> TokenizerFileError {
    problem(.syntax, allowed: allowed, repair: "The file is damaged or cut off; fetch it again.")
  }

  private func problem(
    _ kind: TokenizerFileError.Kind, allowed: String, repair: String
  ) -> TokenizerFileError {
    let start = min(position, bytes.count)
    let rest = bytes[start..<min(start + 24, bytes.count)]
    let found = rest.isEmpty ? "the end of the file" : quotedText(String(decoding: rest, as: UTF8.self))
    return TokenizerFileError(
      kind, file: file, key: key, byte: position, found: found, allowed: allowed, repair: repair)
  }

  private mutating func enter(_ bracket: Unicode.Scalar, _ kind: String) throws(TokenizerFileError) {
    guard peek() == UInt8(ascii: bracket) else { throw wrongKind(kind) }
    guard depth < Self.deepest else { throw broken("at most \(Self.deepest) levels of nesting") }
    position += 1
    depth += 1
  }

  private mutating func close(_ bracket: Unicode.Scalar) throws(TokenizerFileError) -> Bool {
    guard peek() == UInt8(ascii: bracket) else { return false }
    position += 1
    depth -= 1
    return true
  }

  /// Whether another element follows; otherwise the bracket is closed.
  private mutating func next(_ bracket: Unicode.Scalar) throws(TokenizerFileError) -> Bool {
    if peek() == UInt8(ascii: ",") {
      position += 1
      return true
    }
    guard try close(bracket) else { throw broken("a comma or \(bracket)") }
    return false
  }

  private mutating func expect(_ mark: Unicode.Scalar) throws(TokenizerFileError) {
    guard peek() == UInt8(ascii: mark) else { throw broken("\(mark)") }
    position += 1
  }

  private mutating func word(_ word: StaticString) throws(TokenizerFileError) {
    let expected = Array("\(word)".utf8)
    guard bytes[position...].starts(with: expected) else { throw broken("\(word)") }
    position += expected.count
  }

  private mutating func skipString() throws(TokenizerFileError) {
    var end = position + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      guard bytes[end] >= 0x20 else { throw broken("a text without raw control characters") }
      end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard end < bytes.count else { throw broken("a quotation mark that ends the text") }
    position = end + 1
  }

  private mutating func numberText() throws(TokenizerFileError) -> String {
    _ = peek()
    var end = position
    while end < bytes.count {
      let byte = bytes[end]
      let isDigit = byte >= 0x30 && byte <= 0x39
      guard isDigit || byte == 0x2D || byte == 0x2B || byte == 0x2E || byte | 0x20 == 0x65 else { break }
      end += 1
    }
    // A sign or a point in front is no JSON, but Swift's parser would take it.
    guard end > position, end - position < 64,
      bytes[position] == 0x2D || bytes[position] >= 0x30 && bytes[position] <= 0x39
    else { throw wrongKind("a value") }
    defer { position = end }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  private mutating func escapedString(from start: Int) throws(TokenizerFileError) -> String {
    var text: [UInt8] = []
    position = start
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw broken("a text in UTF-8") }
        return string
      case UInt8(ascii: "\\"): try appendEscape(to: &text)
      case 0..<0x20: throw broken("a text without raw control characters")
      default: text.append(byte)
      }
    }
    throw broken("a quotation mark that ends the text")
  }

  private mutating func appendEscape(to text: inout [UInt8]) throws(TokenizerFileError) {
    guard position < bytes.count else { throw broken("an escape") }
    let mark = bytes[position]
    position += 1
    switch mark {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(mark)
    case UInt8(ascii: "u"):
      var value = try hexadecimal()
      if value & 0xFC00 == 0xD800, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try hexadecimal()
        guard low & 0xFC00 == 0xDC00 else { throw broken("the second half of a surrogate pair") }
        value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else {
        throw broken("a whole surrogate pair")
      }
      text.append(contentsOf: encoded)
    default: throw broken("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
    }
  }

  private mutating func hexadecimal() throws(TokenizerFileError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw broken("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
