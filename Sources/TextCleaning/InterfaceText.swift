/// Takes a chat page's own words out of a copied text, as FastChat does: "```pythonCopy code" becomes "```python" and a
/// new line, an empty block of "Copy code" goes, so do "2 / 3" at the start and "Copy120 chars / 20 words", and white
/// space at both ends.
public enum InterfaceText {
  /// The text without them.
  public static func removed(from text: String) -> String {
    var bytes = Array(text.utf8)[...]
    bytes = trimmed(withoutPageNumber(trimmed(bytes)))
    if contains(bytes, copyCode) { bytes = withoutCodeBars(bytes) }
    if contains(bytes, copy) { bytes = withoutCharacterCounts(bytes) }
    bytes = trimmed(bytes)
    return bytes.count == text.utf8.count ? text : String(decoding: bytes, as: UTF8.self)
  }

  private static let copy = Array("Copy".utf8)
  private static let copyCode = Array("Copy code".utf8)
  private static let fence = Array("```".utf8)

  /// Without a leading "N / M" on a line of its own.
  private static func withoutPageNumber(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = bytes
    guard takeDigits(&rest), take(&rest, " / "), takeDigits(&rest) else { return bytes }
    return rest.isEmpty || rest.first == 0x0a || rest.first == 0x0d ? rest : bytes
  }

  private static func withoutCharacterCounts(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var result: [UInt8] = []
    var rest = bytes
    while let next = rest.first {
      var tail = rest
      if next == copy[0], take(&tail, "Copy"), takeDigits(&tail), take(&tail, " chars / "), takeDigits(&tail),
        take(&tail, " words")
      {
        rest = tail
      } else {
        result.append(next)
        rest = rest.dropFirst()
      }
    }
    return result[...]
  }

  /// "```lang" directly followed by "Copy code" gets a new line instead of it.
  private static func withoutCodeBars(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var result: [UInt8] = []
    var rest = bytes
    while let next = rest.first {
      guard next == fence[0], rest.starts(with: fence) else {
        result.append(next)
        rest = rest.dropFirst()
        continue
      }
      var tail = rest.dropFirst(fence.count)
      let language = tail.prefix { !HTMLFragment.isSpace($0) && $0 != fence[0] && $0 != copy[0] }.prefix(32)
      tail = tail.dropFirst(language.count)
      guard tail.starts(with: copyCode) else {
        result += rest.prefix(fence.count)
        rest = rest.dropFirst(fence.count)
        continue
      }
      while tail.starts(with: copyCode) { tail = tail.dropFirst(copyCode.count) }
      let inside = tail.drop(while: HTMLFragment.isSpace)
      if inside.starts(with: fence) {
        rest = inside.dropFirst(fence.count)
      } else {
        result += fence + language + [0x0a]
        rest = tail.first == 0x0a ? tail.dropFirst() : tail
      }
    }
    return result[...]
  }

  // MARK: Bytes

  private static func contains(_ bytes: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
    var rest = bytes
    while let start = rest.firstIndex(of: word[0]) {
      rest = rest[start...]
      if rest.starts(with: word) { return true }
      rest = rest.dropFirst()
    }
    return false
  }

  private static func take(_ bytes: inout ArraySlice<UInt8>, _ word: String) -> Bool {
    guard bytes.starts(with: word.utf8) else { return false }
    bytes = bytes.dropFirst(word.utf8.count)
    return true
  }

  private static func takeDigits(_ bytes: inout ArraySlice<UInt8>) -> Bool {
    let count = bytes.prefix { (0x30...0x39).contains($0) }.count
    bytes = bytes.dropFirst(count)
    return count > 0
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let body = bytes.drop(while: HTMLFragment.isSpace)
    return body[..<((body.lastIndex { !HTMLFragment.isSpace($0) }).map { $0 + 1 } ?? body.startIndex)]
  }
}
