import Foundation

/// A text in Unicode's composed form (NFC), with the place in the original that each of its bytes came from.
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
    if string.precomposedStringWithCanonicalMapping.utf8.elementsEqual(original) { return nil }
    // Composition never reaches across the border of two grapheme clusters.
    var place = range.lowerBound
    for character in string {
      let count = character.utf8.count
      let composed = Array(String(character).precomposedStringWithCanonicalMapping.utf8)
      if !composed.elementsEqual(character.utf8) {
        changes.append((bytes.count..<(bytes.count + composed.count), place..<(place + count)))
      }
      bytes.append(contentsOf: composed)
      place += count
    }
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
