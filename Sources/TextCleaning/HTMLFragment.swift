/// An HTML fragment as a chat page holds an answer, and its Markdown.
///
/// Known: paragraphs, headings, bold, emphasis, code, pre (with its language), lists in lists, links, pictures,
/// quotations, rules, tables, line breaks; div and span vanish; script and style vanish with what is in them; other tags
/// vanish and leave their words. Character references are resolved. Nothing nests deeper in memory than the text is long.
public struct HTMLFragment {
  private let text: [UInt8]

  /// Takes a text if it is an HTML fragment: it begins with a block's tag and ends with a tag. A whole page (`<html>`,
  /// `<!doctype>`) is none: that is somebody's code, not a chat page's.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let first = bytes.firstIndex(where: { !Self.isSpace($0) }), bytes[first] == UInt8(ascii: "<"),
      bytes.last(where: { !Self.isSpace($0) }) == UInt8(ascii: ">")
    else { return nil }
    let name = bytes[(first + 1)...].prefix(12).prefix { Self.isNameByte($0) }
    guard Self.openingBlocks.contains(String(decoding: name, as: UTF8.self).lowercased()) else { return nil }
    self.text = bytes
  }

  private static let openingBlocks: Set<String> = [
    "div", "p", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "section", "article",
  ]

  /// The fragment's words with Markdown's signs.
  public var markdown: String {
    var writer = MarkdownWriter()
    var index = 0
    while index < text.count {
      guard text[index] == UInt8(ascii: "<"), let tag = HTMLTag(text, at: index) else {
        let end = text[(index + 1)...].firstIndex(of: UInt8(ascii: "<")) ?? text.count
        writer.add(HTMLEntities.resolved(text[index..<end]))
        index = end
        continue
      }
      index = tag.end
      if ["script", "style"].contains(tag.name), !tag.isClosing {
        index = skip(to: tag.name, from: index)
      } else {
        writer.add(tag)
      }
    }
    return writer.finish()
  }

  /// The place behind an element's closing tag, or the end.
  private func skip(to name: String, from start: Int) -> Int {
    var index = start
    while let next = text[index...].firstIndex(of: UInt8(ascii: "<")) {
      if let tag = HTMLTag(text, at: next), tag.isClosing, tag.name == name { return tag.end }
      index = next + 1
    }
    return text.count
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
  static func isNameByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }
}
