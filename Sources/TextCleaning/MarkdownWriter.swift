/// Writes Markdown from the words and tags of an HTML fragment.
struct MarkdownWriter {
  private enum List {
    case bullets
    case numbers(next: Int)
  }

  private var lines = [""]
  private var lists: [List] = []
  private var quotes = 0
  private var isPreformatted = false
  /// The words of the preformatted text under way; its own tags vanish.
  private var code = ""
  private var language = ""
  private var links: [String] = []
  private var cells: [String]?
  private var isFirstRow = true

  // MARK: Words

  mutating func add(_ text: String) {
    if isPreformatted {
      code += text
      return
    }
    var words = ""
    var isBlank = false
    for character in text {
      if character == "\u{a0}" || !character.isWhitespace {
        if isBlank { words += " " }
        isBlank = false
        words.append(character)
      } else {
        isBlank = true
      }
    }
    if isBlank { words += " " }
    let atStart = lines[lines.count - 1].allSatisfy { $0 == " " || $0 == ">" } || lines[lines.count - 1].last == " "
    append(atStart && words.first == " " ? String(words.dropFirst()) : words)
  }

  private mutating func append(_ text: String) {
    if let last = cells?.indices.last {
      cells?[last] += text
    } else if cells == nil {
      lines[lines.count - 1] += text
    }
  }

  // MARK: Tags

  mutating func add(_ tag: HTMLTag) {
    if isPreformatted {
      if tag.name == "pre", tag.isClosing { endCode() } else { noteLanguage(of: tag) }
      return
    }
    switch tag.name {
    case "p", "div", "section", "article": if lists.isEmpty || tag.isClosing { separate() }
    case "br": newLine()
    case "h1", "h2", "h3", "h4", "h5", "h6":
      separate()
      if !tag.isClosing { append(String(repeating: "#", count: tag.name.last?.wholeNumberValue ?? 1) + " ") }
    case "b", "strong": append("**")
    case "i", "em": append("*")
    case "code": append("`")
    case "pre" where !tag.isClosing: (isPreformatted, code, language) = (true, "", "")
    case "ul", "ol": list(tag)
    case "li" where !tag.isClosing: item()
    case "a": link(tag)
    case "img": append("![\(tag.attributes["alt"] ?? "")](\(tag.attributes["src"] ?? ""))")
    case "blockquote":
      quotes = tag.isClosing ? max(0, quotes - 1) : quotes + 1
      separate()
    case "hr":
      separate()
      append("---")
      separate()
    case "table", "tr", "td", "th": table(tag)
    default: break
    }
  }

  private mutating func list(_ tag: HTMLTag) {
    if tag.isClosing {
      if !lists.isEmpty { lists.removeLast() }
      if lists.isEmpty { separate() }
    } else {
      if lists.isEmpty { separate() }
      lists.append(tag.name == "ul" ? .bullets : .numbers(next: Int(tag.attributes["start"] ?? "") ?? 1))
    }
  }

  private mutating func item() {
    newLine()
    append(String(repeating: "   ", count: min(max(lists.count - 1, 0), 16)))
    switch lists.last {
    case .numbers(let next)?:
      lists[lists.count - 1] = .numbers(next: next &+ 1)
      append("\(next). ")
    default: append("- ")
    }
  }

  private mutating func link(_ tag: HTMLTag) {
    if tag.isClosing {
      guard let target = links.popLast() else { return }
      append("](\(target))")
    } else {
      links.append(tag.attributes["href"] ?? "")
      append("[")
    }
  }

  private mutating func table(_ tag: HTMLTag) {
    switch (tag.name, tag.isClosing) {
    case ("table", false):
      separate()
      isFirstRow = true
    case ("table", true): separate()
    case ("tr", false): cells = []
    case ("tr", true):
      guard let row = cells, !row.isEmpty else { return cells = nil }
      cells = nil
      newLine()
      append("| " + row.map(Self.trimmed).joined(separator: " | ") + " |")
      if isFirstRow {
        newLine()
        append("|" + String(repeating: " --- |", count: row.count))
      }
      isFirstRow = false
    case (_, false): if cells != nil { cells?.append("") }
    default: break
    }
  }

  // MARK: Code

  private mutating func noteLanguage(of tag: HTMLTag) {
    guard tag.name == "code", let names = tag.attributes["class"] else { return }
    if !tag.isClosing, let name = names.split(separator: " ").first(where: { $0.hasPrefix("language-") }) {
      // What stands before the code is the page's own bar: the language's name and the button.
      (language, code) = (String(name.dropFirst("language-".count)), "")
    }
  }

  private mutating func endCode() {
    isPreformatted = false
    separate()
    append("```" + language)
    for line in code.split(separator: "\n", omittingEmptySubsequences: false).drop(while: \.isEmpty) {
      newLine()
      append(String(line))
    }
    if lines[lines.count - 1].isEmpty { append("```") } else { newLine(); append("```") }
    separate()
  }

  // MARK: Lines

  private mutating func newLine() {
    if cells != nil { return append(" ") }
    lines[lines.count - 1] = Self.trimmedEnd(lines[lines.count - 1])
    lines.append(String(repeating: "> ", count: min(quotes, 16)))
  }

  /// Ends a paragraph: an empty line, but never two.
  private mutating func separate() {
    if cells != nil { return append(" ") }
    func isEmpty(_ line: String) -> Bool { line.allSatisfy { $0 == " " || $0 == ">" } }
    if isEmpty(lines[lines.count - 1]) {
      lines[lines.count - 1] = ""
      if lines.count == 1 || isEmpty(lines[lines.count - 2]) {
        lines[lines.count - 1] = String(repeating: "> ", count: min(quotes, 16))
        return
      }
    }
    lines[lines.count - 1] = Self.trimmedEnd(lines[lines.count - 1])
    if !lines[lines.count - 1].isEmpty { lines.append("") }
    lines.append(String(repeating: "> ", count: min(quotes, 16)))
  }

  mutating func finish() -> String {
    if isPreformatted { endCode() }
    for target in links.reversed() { append("](\(target))") }
    return Self.trimmed(lines.joined(separator: "\n"))
  }

  private static func trimmedEnd(_ text: String) -> String {
    String(text.reversed().drop(while: { $0 == " " }).reversed())
  }
  private static func trimmed(_ text: String) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
