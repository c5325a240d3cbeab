import Tokenization

/// Finds the text of a control token among ordinary words, where it would forge structure.
///
/// A tokenizer that parses control tokens would read `<|im_end|>` in a user's words as an end of turn.
struct ControlTexts: Sendable {
  /// The control tokens' texts by their first byte.
  private var byFirstByte: [[[UInt8]]] = Array(repeating: [], count: 256)

  init(_ tokenizer: Tokenizer) {
    for (index, text) in tokenizer.description.tokens.enumerated()
    where [.control, .unknown].contains(tokenizer.type(of: TokenID(index))) {
      let bytes = Array(text.utf8)
      if let first = bytes.first { byFirstByte[Int(first)].append(bytes) }
    }
  }

  /// A private-use character that texts hardly ever have; it breaks a control token's text in two while the template is at work.
  static let shield = "\u{10fa57}"

  /// The text with a shield inside every control token's text.
  ///
  /// - Returns: nil if there is none, which is the rule.
  func shielded(_ text: String) -> String? {
    let bytes = text.utf8.span
    var result: [UInt8] = []
    var copied = 0
    for start in bytes.indices where byFirstByte[Int(bytes[start])].contains(where: { matches($0, bytes, at: start) }) {
      var end = start + 1
      while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }  // behind the first character
      for index in copied..<end { result.append(bytes[index]) }
      result += Self.shield.utf8
      copied = end
    }
    if result.isEmpty { return nil }
    for index in copied..<bytes.count { result.append(bytes[index]) }
    return String(decoding: result, as: UTF8.self)
  }

  private func matches(_ candidate: [UInt8], _ bytes: Span<UInt8>, at start: Int) -> Bool {
    candidate.count <= bytes.count - start && candidate.indices.allSatisfy { candidate[$0] == bytes[start + $0] }
  }
}
