import Tokenization

/// Finds the text of a control token among ordinary words, where it would forge structure.
///
/// `Tokenizer` would read `<|im_end|>` in a user's words as an end of turn: labels and turns would be wrong.
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

  /// The first control token's text inside `text`, if there is one.
  func first(in text: String) -> String? {
    let bytes = text.utf8.span
    for start in bytes.indices {
      let candidates = byFirstByte[Int(bytes[start])]
      if candidates.isEmpty { continue }
      for candidate in candidates where candidate.count <= bytes.count - start {
        if candidate.indices.allSatisfy({ candidate[$0] == bytes[start + $0] }) {
          return String(decoding: candidate, as: UTF8.self)
        }
      }
    }
    return nil
  }
}
