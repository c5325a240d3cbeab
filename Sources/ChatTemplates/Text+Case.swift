/// Case, padding and character classes, as Python's strings have them.
extension Text {
  private var isASCII: Bool { bytes.allSatisfy { $0 < 0x80 } }

  private func mapped(_ ascii: (UInt8) -> UInt8, _ scalar: (Unicode.Scalar) -> String) -> Text {
    if isASCII { return replaced(by: bytes.map(ascii)) }
    var result = ""
    for each in string.unicodeScalars { result += scalar(each) }
    return replaced(by: Array(result.utf8))
  }

  var uppercased: Text {
    mapped({ (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }, \.properties.uppercaseMapping)
  }

  var lowercased: Text {
    mapped({ (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, \.properties.lowercaseMapping)
  }

  /// The first scalar in title case, the rest in lower case.
  var capitalized: Text {
    var isFirst = true
    var result = ""
    for scalar in string.unicodeScalars {
      result += isFirst ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
      isFirst = false
    }
    return replaced(by: Array(result.utf8))
  }

  /// Title case for each scalar that `begins` a word, by the scalar before it; lower case for the others.
  func titled(where begins: (Unicode.Scalar) -> Bool, uppercases: Bool) -> Text {
    var before: Unicode.Scalar = " "
    var result = ""
    for scalar in string.unicodeScalars {
      let properties = scalar.properties
      let first = uppercases ? properties.uppercaseMapping : properties.titlecaseMapping
      result += begins(before) ? first : properties.lowercaseMapping
      before = scalar
    }
    return replaced(by: Array(result.utf8))
  }

  var caseSwapped: Text {
    mapped(
      { Unicode.Scalar($0).properties.isAlphabetic ? $0 ^ 0x20 : $0 },
      { $0.properties.isUppercase ? $0.properties.lowercaseMapping : $0.properties.uppercaseMapping })
  }

  /// The text with a fill on the left and on the right.
  func padded(left: Int, right: Int, with fill: Text) -> Text {
    var content = MarkedBytes()
    for _ in 0..<max(0, left) { content.append(fill) }
    content.append(self)
    for _ in 0..<max(0, right) { content.append(fill) }
    return Text(content)
  }

  /// Whether there is a scalar and all satisfy the condition.
  func isMade(of condition: (Unicode.Scalar) -> Bool) -> Bool {
    !isEmpty && string.unicodeScalars.allSatisfy(condition)
  }

  /// Whether there are cased scalars and all are upper case, or all lower case.
  func isCased(upper: Bool) -> Bool {
    let cased = string.unicodeScalars.filter { $0.properties.isUppercase || $0.properties.isLowercase }
    return !cased.isEmpty && cased.allSatisfy { upper ? $0.properties.isUppercase : $0.properties.isLowercase }
  }
}

extension Unicode.Scalar {
  var isPythonLetter: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  var isPythonDigit: Bool { properties.numericType == .decimal || properties.numericType == .digit }
}
