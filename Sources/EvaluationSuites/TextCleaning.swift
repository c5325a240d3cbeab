extension String {
  /// The text split at white space, as Python's `split()`.
  func splitAtWhitespace() -> [String] { split(whereSeparator: \.isWhitespace).map(String.init) }
}

extension String {
  /// What RULER scores: without white space at the ends, control characters replaced by line ends.
  public var cleanedAnswer: String {
    let replaced = String(String.UnicodeScalarView(unicodeScalars.map { $0.value < 0x20 ? "\n" : $0 }))
    return replaced.trimmed
  }

  var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }

  /// Every occurrence of a text replaced, from left to right, as Python's `replace`.
  func replacingAll(_ text: String, with other: String) -> String {
    precondition(!text.isEmpty, "replacingAll: the text to replace is empty")
    let (source, pattern) = (Array(utf8), Array(text.utf8))
    var result: [UInt8] = [], i = 0
    result.reserveCapacity(source.count)
    while i < source.count {
      if source[i] == pattern[0], source.count - i >= pattern.count,
        source[i..<(i + pattern.count)].elementsEqual(pattern)
      {
        result += other.utf8
        i += pattern.count
      } else {
        result.append(source[i])
        i += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
