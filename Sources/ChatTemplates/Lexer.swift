/// Cuts a template into tokens, with `trim_blocks` and `lstrip_blocks` on, as chat templates are read.
struct Lexer {
  let source: ArraySlice<UInt8>
  var position = 0
  var tokens: [LocatedToken] = []
  /// Whether the tag before the current text ended its line.
  private var isLineStart = true

  /// The source must have "\n" line ends only.
  init(_ source: [UInt8]) { self.source = source[...] }

  /// The source as Jinja reads it: "\n" line ends, and without one at the very end.
  static func normalized(_ source: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.utf8.count)
    var wasReturn = false
    for byte in source.utf8 {
      if byte == UInt8(ascii: "\n"), wasReturn {
        wasReturn = false
        continue
      }
      wasReturn = byte == UInt8(ascii: "\r")
      bytes.append(wasReturn ? UInt8(ascii: "\n") : byte)
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return bytes
  }

  mutating func tokenized() throws(TemplateError) -> [LocatedToken] {
    while let (tag, opener) = nextTag() {
      let signed = byte(tag + 2)
      let sign = signed == UInt8(ascii: "-") || signed == UInt8(ascii: "+") ? signed : 0
      appendData(upTo: tag, sign: sign, isOutput: opener == UInt8(ascii: "{"))
      position = tag + (sign == 0 ? 2 : 3)
      switch opener {
      case UInt8(ascii: "#"): try skipComment(from: tag)
      case UInt8(ascii: "{"):
        tokens.append(LocatedToken(token: .outputBegin, offset: tag))
        try scanCode(isOutput: true, from: tag)
      default:
        if let end = rawTagEnd("raw", from: position, trimsLine: false) {
          position = end
          try scanRaw(from: tag)
        } else {
          tokens.append(LocatedToken(token: .blockBegin, offset: tag))
          try scanCode(isOutput: false, from: tag)
        }
      }
      isLineStart = source[position - 1] == UInt8(ascii: "\n")
    }
    if position < source.count {
      tokens.append(LocatedToken(token: .data(Array(source[position...])), offset: position))
    }
    tokens.append(LocatedToken(token: .end, offset: source.count))
    return tokens
  }

  func error(_ message: String, at offset: Int) -> TemplateError {
    TemplateError(.syntax, message, at: offset, of: Array(source))
  }

  /// The byte at a position, 0 behind the end.
  func byte(_ position: Int) -> UInt8 { position < source.count ? source[position] : 0 }

  func starts(with word: StaticString, at position: Int) -> Bool {
    source.dropFirst(position).starts(with: word.description.utf8)
  }

  /// The position behind any white space.
  func skippingWhitespace(_ start: Int) -> Int {
    var position = start
    while position < source.count {
      let (scalar, width) = source.scalar(at: position)
      if !scalar.isPythonWhitespace { break }
      position += width
    }
    return position
  }

  /// The position behind a tag's end, if one is here: `-` takes the white space behind it, a plain `%}` or `#}` the
  /// line end, `+` nothing.
  func tagEnd(_ closer: StaticString, at start: Int, trimsLine: Bool) -> Int? {
    if byte(start) == UInt8(ascii: "-"), starts(with: closer, at: start + 1) { return skippingWhitespace(start + 3) }
    if trimsLine, byte(start) == UInt8(ascii: "+"), starts(with: closer, at: start + 1) { return start + 3 }
    guard starts(with: closer, at: start) else { return nil }
    return trimsLine && byte(start + 2) == UInt8(ascii: "\n") ? start + 3 : start + 2
  }

  private func nextTag() -> (tag: Int, opener: UInt8)? {
    var index = position
    while index + 1 < source.count {
      if source[index] == UInt8(ascii: "{") {
        let opener = source[index + 1]
        if opener == UInt8(ascii: "{") || opener == UInt8(ascii: "%") || opener == UInt8(ascii: "#") {
          return (index, opener)
        }
      }
      index += 1
    }
    return nil
  }

  /// Adds the text before a tag, cut as the tag's sign and `lstrip_blocks` say.
  private mutating func appendData(upTo end: Int, sign: UInt8, isOutput: Bool) {
    var text = source[position..<end]
    if sign == UInt8(ascii: "-") {
      let whole = Text(MarkedBytes(Array(text)))
      text = text.prefix(whole.trimmed(start: false).count)
    } else if sign == 0, !isOutput {
      let line = text.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? text.startIndex
      if line > text.startIndex || isLineStart, skippingWhitespace(line) >= end { text = text[..<line] }
    }
    if !text.isEmpty { tokens.append(LocatedToken(token: .data(Array(text)), offset: position)) }
  }

  private mutating func skipComment(from tag: Int) throws(TemplateError) {
    while position < source.count {
      if let end = tagEnd("#}", at: position, trimsLine: true) {
        position = end
        return
      }
      position += 1
    }
    throw error("the comment '{#' has no end; close it with '#}'", at: tag)
  }

  /// The position behind `raw %}` or `endraw %}`, if the tag whose inside starts here is that.
  private func rawTagEnd(_ word: StaticString, from start: Int, trimsLine: Bool) -> Int? {
    let begin = skippingWhitespace(start)
    guard starts(with: word, at: begin) else { return nil }
    return tagEnd("%}", at: skippingWhitespace(begin + word.utf8CodeUnitCount), trimsLine: trimsLine)
  }

  private mutating func scanRaw(from tag: Int) throws(TemplateError) {
    isLineStart = source[position - 1] == UInt8(ascii: "\n")
    var index = position
    while index + 1 < source.count {
      if source[index] == UInt8(ascii: "{"), source[index + 1] == UInt8(ascii: "%") {
        let signed = byte(index + 2)
        let sign = signed == UInt8(ascii: "-") || signed == UInt8(ascii: "+") ? signed : 0
        if let end = rawTagEnd("endraw", from: index + (sign == 0 ? 2 : 3), trimsLine: true) {
          appendData(upTo: index, sign: sign, isOutput: false)
          position = end
          return
        }
      }
      index += 1
    }
    throw error("the block '{% raw %}' has no end; close it with '{% endraw %}'", at: tag)
  }
}
