extension AddedTokenRule {
  /// The place of a token found at `range`, or nil where it does not count.
  ///
  /// - Parameter start: where the search began; white space before it belongs to something else.
  func applied(to range: Range<Int>, in text: Span<UInt8>, from start: Int) -> Range<Int>? {
    var (lower, upper) = (range.lowerBound, range.upperBound)
    if contains(.wholeWord) {
      if let before = text.scalar(before: lower), before.scalar.isWordPart { return nil }
      if let behind = text.scalar(at: upper), behind.scalar.isWordPart { return nil }
    }
    if contains(.strippingLeft) {
      while lower > start, let before = text.scalar(before: lower), before.scalar.properties.isWhitespace {
        lower = max(start, before.start)
      }
    }
    if contains(.strippingRight) {
      while let behind = text.scalar(at: upper), behind.scalar.properties.isWhitespace { upper = behind.end }
    }
    return lower..<upper
  }
}

extension Unicode.Scalar {
  /// Whether `\w` of a regular expression matches it (Unicode Technical Standard 18, annex C).
  fileprivate var isWordPart: Bool {
    if properties.isAlphabetic || properties.isJoinControl { return true }
    return switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: false
    }
  }
}

extension Span<UInt8> {
  /// The scalar that begins at a position of valid UTF-8, and where it ends; nil at the end.
  func scalar(at start: Int) -> (scalar: Unicode.Scalar, end: Int)? {
    guard start < count else { return nil }
    let first = UInt32(self[start])
    if first < 0x80 { return (Unicode.Scalar(self[start]), start + 1) }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var value = first & (0xFF >> UInt32(length + 1))
    for offset in 1..<length { value = value << 6 | UInt32(self[start + offset]) & 0x3F }
    return Unicode.Scalar(value).map { ($0, start + length) }
  }

  /// The scalar that ends at a position of valid UTF-8, and where it begins; nil at the start.
  func scalar(before end: Int) -> (scalar: Unicode.Scalar, start: Int)? {
    guard end > 0 else { return nil }
    var start = end - 1
    while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
    return scalar(at: start).map { ($0.scalar, start) }
  }
}
