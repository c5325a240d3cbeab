/// The inside of `{{ … }}` and `{% … %}`.
extension Lexer {
  mutating func scanCode(isOutput: Bool, from tag: Int) throws(TemplateError) {
    var open: [UInt8] = []
    let closer: StaticString = isOutput ? "}}" : "%}"
    while position < source.count {
      if open.isEmpty, let end = tagEnd(closer, at: position, trimsLine: !isOutput) {
        tokens.append(LocatedToken(token: isOutput ? .outputEnd : .blockEnd, offset: position))
        position = end
        return
      }
      let start = position
      position = skippingWhitespace(position)
      if position > start { continue }
      let first = source[position]
      switch first {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): try scanNumber()
      case UInt8(ascii: "'"), UInt8(ascii: "\""): try scanString()
      default:
        if let end = nameEnd(position) {
          let name = String(decoding: source[position..<end], as: UTF8.self)
          tokens.append(LocatedToken(token: .name(name), offset: position))
          position = end
        } else {
          try scanPunctuation(&open)
        }
      }
    }
    throw error("the tag has no end; close it with '\(closer)'", at: tag)
  }

  private mutating func scanPunctuation(_ open: inout [UInt8]) throws(TemplateError) {
    for width in [2, 1] where position + width <= source.count {
      let text = String(decoding: source[position..<position + width], as: UTF8.self)
      guard let sign = Punctuation(rawValue: text) else { continue }
      switch sign {
      case .openParenthesis: open.append(UInt8(ascii: ")"))
      case .openBracket: open.append(UInt8(ascii: "]"))
      case .openBrace: open.append(UInt8(ascii: "}"))
      case .closeParenthesis, .closeBracket, .closeBrace:
        guard let expected = open.popLast() else {
          throw error("found '\(text)' without an opening sign", at: position)
        }
        if expected != source[position] {
          throw error("found '\(text)'; '\(Unicode.Scalar(expected))' must come first", at: position)
        }
      default: break
      }
      tokens.append(LocatedToken(token: .punctuation(sign), offset: position))
      position += width
      return
    }
    let found = source.scalar(at: position).scalar
    throw error("found '\(found)'; a tag holds names, numbers, strings and operators", at: position)
  }

  /// The end of the identifier that starts here, if one does.
  private func nameEnd(_ start: Int) -> Int? {
    var end = start
    while end < source.count {
      let (scalar, width) = source.scalar(at: end)
      let fits =
        scalar == "_" || (end == start ? scalar.properties.isXIDStart : scalar.properties.isXIDContinue)
      if !fits { break }
      end += width
    }
    return end > start ? end : nil
  }

  /// The end of a run of digits, each but the first may follow one underscore.
  private func digitsEnd(_ start: Int, where isDigit: (UInt8) -> Bool) -> Int {
    var end = start
    while isDigit(byte(end)) || (end > start && byte(end) == UInt8(ascii: "_") && isDigit(byte(end + 1))) { end += 1 }
    return end
  }

  private mutating func scanNumber() throws(TemplateError) {
    func isDecimal(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    let start = position
    let isAfterDot = start > 0 && source[start - 1] == UInt8(ascii: ".")
    let whole = digitsEnd(start, where: isDecimal)
    var end = whole
    if !isAfterDot {
      if byte(end) == UInt8(ascii: "."), isDecimal(byte(end + 1)) { end = digitsEnd(end + 1, where: isDecimal) }
      if byte(end) | 0x20 == UInt8(ascii: "e") {
        let hasSign = byte(end + 1) == UInt8(ascii: "+") || byte(end + 1) == UInt8(ascii: "-")
        let exponent = end + (hasSign ? 2 : 1)
        if isDecimal(byte(exponent)) { end = digitsEnd(exponent, where: isDecimal) }
      }
      if end > whole {
        let text = String(decoding: source[start..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        guard let value = Double(text) else { throw error("found the number \(text), which is no float", at: start) }
        tokens.append(LocatedToken(token: .float(value), offset: start))
        position = end
        return
      }
    }
    // An integer: with a base prefix, or not starting with 0 unless it is all zeros.
    var radix = 10
    var digits = start
    end = whole
    let prefix = byte(start) == UInt8(ascii: "0") ? byte(start + 1) | 0x20 : 0
    for (letter, base) in [(UInt8(ascii: "x"), 16), (UInt8(ascii: "o"), 8), (UInt8(ascii: "b"), 2)]
    where prefix == letter {
      let first = byte(start + 2) == UInt8(ascii: "_") ? start + 3 : start + 2
      let last = digitsEnd(first) { Unicode.Scalar($0).properties.isASCIIHexDigit && digitValue($0) < base }
      if last > first { (radix, digits, end) = (base, first, last) }
    }
    if radix == 10, byte(start) == UInt8(ascii: "0") { end = digitsEnd(start) { $0 == UInt8(ascii: "0") } }
    let text = String(decoding: source[digits..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
    guard let value = Int(text, radix: radix) else {
      throw error("found the integer \(text); integers go to \(Int.max)", at: start)
    }
    tokens.append(LocatedToken(token: .integer(value), offset: start))
    position = end
  }

  private func digitValue(_ byte: UInt8) -> Int { Int(String(Unicode.Scalar(byte)), radix: 16) ?? 16 }

  private mutating func scanString() throws(TemplateError) {
    let start = position
    let quote = source[position]
    var value: [UInt8] = []
    position += 1
    while position < source.count {
      let byte = source[position]
      if byte == quote {
        position += 1
        tokens.append(LocatedToken(token: .text(value), offset: start))
        return
      }
      position += 1
      if byte == UInt8(ascii: "\\"), position < source.count {
        try scanEscape(into: &value)
      } else {
        value.append(byte)
      }
    }
    throw error("the string has no end; close it with \(Unicode.Scalar(quote))", at: start)
  }

  /// Reads what follows a backslash, as Python's string literals do.
  private mutating func scanEscape(into value: inout [UInt8]) throws(TemplateError) {
    let start = position - 1
    let letter = source[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\n"): break
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): value.append(letter)
    case UInt8(ascii: "a"): value.append(7)
    case UInt8(ascii: "b"): value.append(8)
    case UInt8(ascii: "f"): value.append(12)
    case UInt8(ascii: "n"): value.append(10)
    case UInt8(ascii: "r"): value.append(13)
    case UInt8(ascii: "t"): value.append(9)
    case UInt8(ascii: "v"): value.append(11)
    case UInt8(ascii: "x"): try scanCodePoint(digits: 2, from: start, into: &value)
    case UInt8(ascii: "u"): try scanCodePoint(digits: 4, from: start, into: &value)
    case UInt8(ascii: "U"): try scanCodePoint(digits: 8, from: start, into: &value)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      var code = UInt32(letter - UInt8(ascii: "0"))
      var width = 1
      while width < 3, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte(position)) {
        code = code * 8 + UInt32(source[position] - UInt8(ascii: "0"))
        position += 1
        width += 1
      }
      if let scalar = Unicode.Scalar(code) { value += Array(String(scalar).utf8) }
    default: value += [UInt8(ascii: "\\"), letter]
    }
  }

  private mutating func scanCodePoint(digits: Int, from start: Int, into value: inout [UInt8]) throws(TemplateError) {
    let text = String(decoding: source[position..<min(position + digits, source.count)], as: UTF8.self)
    guard text.utf8.count == digits, text.allSatisfy(\.isHexDigit), let code = UInt32(text, radix: 16),
      let scalar = Unicode.Scalar(code)
    else {
      throw error(
        "found the escape with '\(text)'; \(digits) hexadecimal digits of a Unicode scalar must follow", at: start)
    }
    value += Array(String(scalar).utf8)
    position += digits
  }
}
