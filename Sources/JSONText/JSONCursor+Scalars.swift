extension JSONCursor {
  /// The next value, which is neither an object nor an array.
  mutating func scalar() throws(JSONError) -> JSONValue {
    switch peek() {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): return try bool().map { .bool($0) } ?? .null
    default:
      try begin()
      if nextIsNumber() { return .number(try number()) }
      throw refusal("a JSON value")
    }
  }

  /// A number as it is written.
  mutating func number() throws(JSONError) -> String {
    let start = position
    func digits() -> Int {
      var end = position
      while end < bytes.count, bytes[end] >= 0x30, bytes[end] <= 0x39 { end += 1 }
      return end - position
    }
    take("-")
    if take("0") {
      // No digit may follow a leading zero.
    } else {
      let count = digits()
      if count == 0 { throw refusal("a number") }
      position += count
    }
    if take(".") {
      let count = digits()
      if count == 0 { throw refusal("a digit after the point") }
      position += count
    }
    if take("e") || take("E") {
      if !take("+") { take("-") }
      let count = digits()
      if count == 0 { throw refusal("a digit of the exponent") }
      position += count
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// One of the words true, false and null.
  mutating func word(_ word: StaticString) throws(JSONError) {
    let expected = "\(word)".utf8
    guard bytes[position...].starts(with: expected) else { throw refusal("a JSON value") }
    position += expected.count
  }

  /// A string in quotes, its escapes resolved.
  mutating func text(_ what: String) throws(JSONError) -> String {
    if !take("\"") { throw refusal(what) }
    let start = position
    var escaped: [UInt8]?
    while true {
      let run = position
      while position < bytes.count, bytes[position] != 0x22, bytes[position] != 0x5c, bytes[position] >= 0x20 {
        position += 1
      }
      escaped?.append(contentsOf: bytes[run..<position])
      if take("\"") { break }
      guard take("\\") else { throw refusal("a character of a string, or its closing quote") }
      if escaped == nil { escaped = Array(bytes[start..<position - 1]) }
      escaped?.append(contentsOf: String(try escape()).utf8)
    }
    // The quote has been consumed.
    let content = escaped.map { $0[...] } ?? bytes[start..<position - 1]
    guard let text = String(validating: content, as: UTF8.self) else {
      throw JSONError(.syntax, position: start, found: "a string that is not UTF-8", allowed: "UTF-8")
    }
    return text
  }

  /// Steps over a string; only one that is not plain ASCII is built, to be checked.
  mutating func skipText() throws(JSONError) {
    var end = position + 1
    while end < bytes.count, (0x20..<0x80).contains(bytes[end]), bytes[end] != 0x22, bytes[end] != 0x5c { end += 1 }
    if end < bytes.count, bytes[end] == 0x22 { position = end + 1 } else { _ = try text("a string") }
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let simple: [(Unicode.Scalar, Unicode.Scalar)] = [
      ("\"", "\""), ("\\", "\\"), ("/", "/"), ("b", "\u{8}"), ("f", "\u{c}"), ("n", "\n"), ("r", "\r"), ("t", "\t"),
    ]
    for (letter, scalar) in simple where take(letter) { return scalar }
    let start = position - 1
    guard take("u") else { throw refusal("one of \" \\ / b f n r t u after a backslash") }
    var value = try hexadecimal()
    if (0xd800..<0xdc00).contains(value), take("\\"), take("u") {
      let low = try hexadecimal()
      if (0xdc00..<0xe000).contains(low) { value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00) }
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw JSONError(
        .syntax, position: start, found: "half of a surrogate pair",
        allowed: "both halves, \\ud800–\\udbff then \\udc00–\\udfff")
    }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue,
        bytes[position] < 0x80
      else { throw refusal("four hexadecimal digits") }
      value = value << 4 + UInt32(digit)
      position += 1
    }
    return value
  }

  @discardableResult
  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }
}
