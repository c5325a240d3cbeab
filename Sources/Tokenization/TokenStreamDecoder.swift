/// Decodes tokens one by one, for printing while they are generated; never splits a character.
///
/// The strings of `append`, then that of `finish`, together are what `Tokenizer.decode` gives for all ids at once.
public struct TokenStreamDecoder: Sendable {
  private var rule: DecodingRule
  /// Bytes of a character that has not ended yet; at most three.
  private var pending: [UInt8] = []

  /// - Parameters:
  ///   - keepingSpecials: whether control and unknown tokens are written out.
  ///   - continuesText: whether other text precedes, so that a space at the start is kept.
  public init(_ tokenizer: Tokenizer, keepingSpecials: Bool = false, continuesText: Bool = false) {
    rule = DecodingRule(tokenizer, keepingSpecials: keepingSpecials, continuesText: continuesText)
  }

  /// The text that is complete with this token; may be empty.
  public mutating func append(_ id: TokenID) -> String {
    rule.append(id, to: &pending)
    let complete = pending.count - Self.unfinishedLength(pending)
    let text = String(decoding: pending.prefix(complete), as: UTF8.self)
    pending.removeFirst(complete)
    return text
  }

  /// What is left: nothing, or U+FFFD for a character that was never finished.
  public mutating func finish() -> String {
    defer { pending.removeAll() }
    return String(decoding: pending, as: UTF8.self)
  }

  /// How many bytes at the end could still become a character (Unicode standard, table 3-7).
  private static func unfinishedLength(_ bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let start = bytes[bytes.count - length]
      if start & 0xC0 == 0x80 { continue }
      let needed = start < 0xC2 ? 1 : start < 0xE0 ? 2 : start < 0xF0 ? 3 : start < 0xF5 ? 4 : 1
      guard length < needed else { return 0 }
      if length == 1 { return 1 }
      let second = bytes[bytes.count - length + 1]
      let allowed: ClosedRange<UInt8> =
        switch start {
        case 0xE0: 0xA0...0xBF
        case 0xED: 0x80...0x9F
        case 0xF0: 0x90...0xBF
        case 0xF4: 0x80...0x8F
        default: 0x80...0xBF
        }
      return allowed.contains(second) ? length : 0
    }
    return 0
  }
}
