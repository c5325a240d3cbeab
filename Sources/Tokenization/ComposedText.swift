import Foundation

/// A text in Unicode's composed form (NFC), with the place in the original that each of its bytes came from.
///
/// As the tokenizers library composes, whose tables are those of Unicode 9: a younger character stays where it stands.
struct ComposedText {
  private(set) var bytes: [UInt8] = []
  /// Where changed runs stand in the composed text and in the original, ascending; between them all is shifted alike.
  private var changes: [(composed: Range<Int>, original: Range<Int>)] = []
  private let range: Range<Int>

  /// Nil if `range` of `text` is composed already, which is the rule.
  init?(_ text: Span<UInt8>, _ range: Range<Int>) {
    self.range = range
    // Below U+0300 (CC 80) every text is composed.
    guard range.contains(where: { text[$0] >= 0xCC }) else { return nil }
    var original: [UInt8] = []
    original.reserveCapacity(range.count)
    for position in range { original.append(text[position]) }
    let string = String(decoding: original, as: UTF8.self)
    if string.composed.utf8.elementsEqual(original) { return nil }
    // Composition never reaches across the border of two grapheme clusters.
    var place = range.lowerBound
    for character in string {
      let count = character.utf8.count
      let composed = Self.composed(character)
      if !composed.elementsEqual(character.utf8) {
        changes.append((bytes.count..<(bytes.count + composed.count), place..<(place + count)))
      }
      bytes.append(contentsOf: composed)
      place += count
    }
  }

  private static func composed(_ character: Character) -> [UInt8] {
    if character.utf8.count < 2 { return Array(character.utf8) }
    var result: [UInt8] = []
    for part in character.unicodeScalars.runs(apartFrom: { $0.isNeverComposed }) {
      result += String(part).composed.utf8
    }
    return result
  }

  /// The original bytes that a range of composed ones stands for; of a changed character the first token has all.
  func original(_ composed: Range<Int>) -> Range<Int> {
    let lower = place(composed.lowerBound)
    return lower..<max(lower, place(composed.upperBound))
  }

  private func place(_ position: Int) -> Int {
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].composed.lowerBound < position { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return range.lowerBound + position }
    let last = changes[low - 1]
    return last.original.upperBound + max(0, position - last.composed.upperBound)
  }
}

extension ByteLevelBPE {
  /// Appends the tokens of a composed text, with their places in the original.
  func encode(_ text: ComposedText, _ state: inout EncodingState) {
    var inner = TokenSink(keepsRanges: true)
    swap(&inner, &state.sink)
    encode(text.bytes.span, 0..<text.bytes.count, &state)
    swap(&inner, &state.sink)
    for (id, range) in zip(inner.ids, inner.ranges) { state.sink.append(id, text.original(range)) }
  }
}

extension StringProtocol {
  /// The canonical composition. By way of the decomposition: Foundation leaves a Hangul syllable and a final letter apart
  /// where they meet undecomposed.
  fileprivate var composed: String { decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping }
}

extension Unicode.Scalar {
  /// Whether the character neither joins with a neighbour nor changes places with one.
  ///
  /// The three Hangul letters next to those that compose are named because Foundation composes them, wrongly.
  fileprivate var isNeverComposed: Bool {
    if value < 0x300 { return false }
    if value == 0x1113 || value == 0x1176 || value == 0x11C3 { return true }
    return (properties.age ?? (0, 0)) > (9, 0)
  }
}

extension String.UnicodeScalarView {
  /// The runs between separators, and each separator for itself.
  fileprivate func runs(apartFrom isSeparator: (Unicode.Scalar) -> Bool) -> [Substring.UnicodeScalarView] {
    var parts: [Substring.UnicodeScalarView] = []
    var start = startIndex
    for index in indices where isSeparator(self[index]) {
      if start < index { parts.append(self[start..<index]) }
      let next = self.index(after: index)
      parts.append(self[index..<next])
      start = next
    }
    if start < endIndex { parts.append(self[start...]) }
    return parts
  }
}
