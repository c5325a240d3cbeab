/// What rules look for in a text, byte by byte.
public enum TextPattern {
  /// Whether openai or chatgpt is named, in any case.
  public static func namesVendor(_ text: String) -> Bool {
    containsAny(["openai", "chatgpt"].map { Array($0.utf8) }, in: text)
  }

  /// Whether the text is a rate limit's notice: FastChat's two wordings.
  public static func isRateLimitNotice(_ text: String) -> Bool {
    let notice = "Too many requests in 1 hour. Try again later"
    return text.hasPrefix(notice + ".") || text.hasPrefix(notice + "!")
  }

  /// Whether one digit stands nine times in a row.
  public static func repeatsADigit(_ text: String) -> Bool {
    var last: UInt8 = 0, run = 0
    for byte in text.utf8 {
      guard (0x30...0x39).contains(byte) else {
        run = 0
        continue
      }
      run = run > 0 && byte == last ? run + 1 : 1
      last = byte
      if run == 9 { return true }
    }
    return false
  }

  /// Whether two lines begin with "1. " and no 2 stands between them: FastChat's `\n1\. [^2]*\n1\. `.
  public static func countsOneTwice(_ text: String) -> Bool {
    let sign = Array("\n1. ".utf8)
    var matched = 0
    var hasOpen = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "2") { hasOpen = false }
      matched = byte == sign[matched] ? matched + 1 : byte == sign[0] ? 1 : 0
      if matched == sign.count {
        if hasOpen { return true }
        (hasOpen, matched) = (true, 0)
      }
    }
    return false
  }

  /// Whether the first character cannot be printed: a control, format, private-use, unassigned or separator character.
  ///
  /// Tab and new line are looked at too, as Python's `isprintable` does; clean a text's white space first.
  public static func beginsUnprintably(_ text: String) -> Bool {
    guard let scalar = text.unicodeScalars.first else { return false }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
    case .spaceSeparator: scalar != " "
    default: false
    }
  }

  /// Words in lower-case ASCII, looked for in any case.
  private static func containsAny(_ words: [[UInt8]], in text: String) -> Bool {
    var text = text
    return text.withUTF8Span { span in
      for start in span.indices {
        let first = span[start] | 0x20
        for word in words where first == word[0] && span.count - start >= word.count {
          if word.indices.allSatisfy({ span[start + $0] | 0x20 == word[$0] }) { return true }
        }
      }
      return false
    }
  }
}

extension String {
  /// The text's bytes in one piece.
  fileprivate mutating func withUTF8Span<Result>(_ body: (borrowing Span<UInt8>) -> Result) -> Result {
    makeContiguousUTF8()
    return body(utf8.span)
  }
}
