/// Numbers as recipes write them: `65_536`, `64k`, `1M`, `1e-5`.
enum NumberText {
  /// k and M of token counts, and G and T of bytes, are powers of 1,024.
  static let tokenUnits: [Character: Double] = ["k": 1024, "K": 1024, "M": 1_048_576]
  static let byteUnits: [Character: Double] = [
    "k": 1024, "K": 1024, "M": 1_048_576, "G": 1_073_741_824, "T": 1_099_511_627_776,
  ]

  /// A finite number, or nil.
  static func double(_ text: String) -> Double? {
    guard let plain = withoutSeparators(text), plain.allSatisfy({ "0123456789+-.eE".contains($0) }),
      let value = Double(plain), value.isFinite
    else { return nil }
    return value
  }

  /// A whole number, or nil.
  static func integer(_ text: String, units: [Character: Double] = [:]) -> Int? {
    guard let plain = withoutSeparators(text) else { return nil }
    if let value = Int(plain) { return value }
    var (digits, unit) = (plain, 1.0)
    if let last = plain.last, let factor = units[last] { (digits, unit) = (String(plain.dropLast()), factor) }
    guard let number = double(digits), let value = Int(exactly: number * unit) else { return nil }
    return value
  }

  /// Bytes with an optional unit: `8GiB`, `8G`, `512M`.
  static func bytes(_ text: String) -> Int? {
    for suffix in ["iB", "B", ""] where text.hasSuffix(suffix) {
      return integer(String(text.dropLast(suffix.count)), units: byteUnits)
    }
    return nil
  }

  /// The shortest text that reads back as the same number.
  static func text(_ value: Double) -> String {
    if let whole = Int(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
    return "\(value)"
  }

  /// Underscores may stand between digits only.
  private static func withoutSeparators(_ text: String) -> String? {
    var result = ""
    var previous: Character?
    for (index, character) in zip(text.indices, text) {
      if character == "_" {
        let next = text.index(after: index)
        guard previous?.isASCIIDigit == true, next < text.endIndex, text[next].isASCIIDigit else { return nil }
      } else {
        result.append(character)
      }
      previous = character
    }
    return result
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
