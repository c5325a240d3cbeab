/// One tag, or a comment.
struct HTMLTag: Equatable {
  /// The longest tag looked for; a `<` without `>` in this many bytes is a sign like any other.
  static let longest = 2048

  /// The element's name in lower case; empty for comments and declarations.
  var name: String
  var isClosing = false
  /// Values of the attributes that Markdown keeps: href, src, alt, class, start.
  var attributes: [String: String] = [:]
  /// The place behind it.
  var end: Int

  /// The tag that begins at a `<`; nil when that is just a sign.
  init?(_ text: [UInt8], at start: Int) {
    let limit = min(text.count, start + Self.longest)
    var index = start + 1
    if text[index..<limit].starts(with: [0x21, 0x2d, 0x2d]) {  // <!--
      index += 3
      while index + 2 < limit, text[index] != 0x2d || text[index + 1] != 0x2d || text[index + 2] != 0x3e { index += 1 }
      guard index + 2 < limit else { return nil }
      (name, end) = ("", index + 3)
      return
    }
    if index < limit, text[index] == UInt8(ascii: "/") {
      isClosing = true
      index += 1
    }
    let nameStart = index
    while index < limit, HTMLFragment.isNameByte(text[index]) { index += 1 }
    guard index > nameStart, index < limit, text[nameStart] >= 0x41 else { return nil }
    name = String(decoding: text[nameStart..<index], as: UTF8.self).lowercased()
    end = index
    while index < limit, text[index] != UInt8(ascii: ">") {
      guard let next = attribute(text, from: index, limit: limit) else { return nil }
      index = next
    }
    guard index < limit else { return nil }
    end = index + 1
  }

  /// Reads one attribute, or steps over one byte that begins none.
  private mutating func attribute(_ text: [UInt8], from start: Int, limit: Int) -> Int? {
    func isNameEnd(_ byte: UInt8) -> Bool {
      HTMLFragment.isSpace(byte) || byte == UInt8(ascii: "=") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/")
    }
    var index = start
    while index < limit, !isNameEnd(text[index]) { index += 1 }
    if index == start { return start + 1 }
    let key = String(decoding: text[start..<index], as: UTF8.self).lowercased()
    guard index < limit, text[index] == UInt8(ascii: "=") else { return index }
    index += 1
    guard index < limit else { return nil }
    var value: ArraySlice<UInt8>
    if text[index] == UInt8(ascii: "\"") || text[index] == UInt8(ascii: "'") {
      guard let close = text[(index + 1)..<limit].firstIndex(of: text[index]) else { return nil }
      value = text[(index + 1)..<close]
      index = close + 1
    } else {
      let valueStart = index
      while index < limit, !HTMLFragment.isSpace(text[index]), text[index] != UInt8(ascii: ">") { index += 1 }
      value = text[valueStart..<index]
    }
    if ["href", "src", "alt", "class", "start"].contains(key) { attributes[key] = HTMLEntities.resolved(value) }
    return index
  }
}
