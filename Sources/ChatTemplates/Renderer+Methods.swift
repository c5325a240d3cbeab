/// Methods of strings, mappings and lists; those that would change a value do not exist here.
extension Renderer {
  private static let textMethods: Set<String> = [
    "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "upper", "lower", "title",
    "capitalize", "casefold", "swapcase", "replace", "join", "find", "rfind", "index", "rindex", "count", "format",
    "removeprefix", "removesuffix", "partition", "rpartition", "center", "ljust", "rjust", "zfill", "isdigit",
    "isdecimal", "isnumeric", "isalpha", "isalnum", "isspace", "isupper", "islower", "isascii",
  ]
  private static let dictMethods: Set<String> = ["get", "items", "keys", "values", "copy"]
  private static let listMethods: Set<String> = ["index", "count", "copy"]

  func hasMethod(_ name: String, _ receiver: Value) -> Bool {
    switch receiver {
    case .text: Self.textMethods.contains(name)
    case .dict: Self.dictMethods.contains(name)
    case .list(let box):
      box.kind != .iterator && Self.listMethods.contains(name) && (box.kind == .list || name != "copy")
    case .loop: name == "cycle" || name == "changed"
    case .function(.cycler): name == "next" || name == "reset"
    default: false
    }
  }

  func callMethod(_ name: String, of receiver: Value, _ arguments: Arguments, at offset: Int) throws(TemplateError)
    -> Value
  {
    switch receiver {
    case .text(let text): return try textMethod(name, text, arguments, at: offset)
    case .dict(let box): return try dictMethod(name, box, arguments, at: offset)
    case .list(let box): return try listMethod(name, box, arguments, at: offset)
    case .loop(let state):
      if name == "cycle" {
        if arguments.positional.isEmpty { throw error("loop.cycle() needs at least one item", at: offset) }
        return arguments.positional[state.index % arguments.positional.count]
      }
      let value = try makeList(arguments.positional, .tuple, at: offset)
      let isSame = if let last = state.lastChanged { try areEqual(last, value, at: offset) } else { false }
      state.lastChanged = value
      return .bool(!isSame)
    case .function(.cycler(let cycler)):
      defer { cycler.position = name == "next" ? (cycler.position + 1) % cycler.items.count : 0 }
      return name == "next" ? cycler.items[cycler.position] : .none
    default: throw error("\(receiver.typeName) has no method '\(name)'", at: offset)
    }
  }

  private func dictMethod(_ name: String, _ box: DictBox, _ arguments: Arguments, at offset: Int)
    throws(TemplateError) -> Value
  {
    try charge(1 + box.keys.count / 8, at: offset)
    switch name {
    case "get":
      let values = try bind(arguments, to: ["key", "default"], of: "get", at: offset)
      guard let key = values[0] else { throw error("get() needs a key", at: offset) }
      return box.value(for: key) ?? values[1] ?? .none
    case "keys": return try makeList(box.keys, at: offset)
    case "values": return try makeList(box.values, at: offset)
    case "copy": return .dict(box)
    default:
      try charge(box.keys.count, at: offset)
      return try makeList(zip(box.keys, box.values).map { .tuple([$0, $1]) }, at: offset)
    }
  }

  private func listMethod(_ name: String, _ box: ListBox, _ arguments: Arguments, at offset: Int)
    throws(TemplateError) -> Value
  {
    if name == "copy" { return .list(box) }
    let values = try bind(arguments, to: ["value"], of: name, at: offset)
    guard let wanted = values[0] else { throw error("\(name)() needs a value", at: offset) }
    var count = 0
    for (index, item) in box.items.enumerated() where try areEqual(item, wanted, at: offset) {
      if name == "index" { return .int(index) }
      count += 1
    }
    if name == "index" { throw error("index(): the value is not in the list", at: offset) }
    return .int(count)
  }

  private func textMethod(_ name: String, _ text: Text, _ arguments: Arguments, at offset: Int) throws(TemplateError)
    -> Value
  {
    try charge(text, at: offset)
    func bound(_ names: String...) throws(TemplateError) -> [Value?] {
      try bind(arguments, to: names, of: name, at: offset)
    }
    switch name {
    case "strip": return .text(text.trimmed(of: try self.text(try bound("chars")[0], in: name, at: offset)))
    case "lstrip":
      return .text(text.trimmed(of: try self.text(try bound("chars")[0], in: name, at: offset), end: false))
    case "rstrip":
      return .text(text.trimmed(of: try self.text(try bound("chars")[0], in: name, at: offset), start: false))
    case "startswith", "endswith":
      let wanted = try bound("prefix")[0] ?? .none
      var candidates = [wanted]
      if case .list(let box) = wanted, box.kind == .tuple { candidates = box.items }
      for candidate in candidates {
        guard case .text(let part) = candidate else {
          throw error("\(name)() needs a string or a tuple of strings; found \(candidate.typeName)", at: offset)
        }
        if name == "startswith" ? text.hasPrefix(part) : text.hasSuffix(part) { return .bool(true) }
      }
      return .bool(false)
    case "split", "rsplit":
      return try split(text, try bound("sep", "maxsplit"), isReversed: name == "rsplit", at: offset)
    case "splitlines":
      return try makeTexts(text.lines(keepingEnds: try bound("keepends")[0]?.isTrue ?? false), at: offset)
    case "replace": return try replace(text, try bound("old", "new", "count"), at: offset)
    case "join": return try join(try bound("items")[0] ?? .none, with: text, requiresTexts: true, at: offset)
    case "upper": return .text(text.uppercased)
    case "lower", "casefold": return .text(text.lowercased)
    case "title": return .text(text.titled(where: { !$0.isPythonLetter }, uppercases: false))
    case "capitalize": return .text(text.capitalized)
    case "swapcase": return .text(text.caseSwapped)
    case "format": return .text(try formatted(text, arguments, at: offset))
    case "isdigit": return .bool(text.isMade(of: \.isPythonDigit))
    case "isdecimal": return .bool(text.isMade { $0.properties.numericType == .decimal })
    case "isnumeric": return .bool(text.isMade { $0.properties.numericType != nil })
    case "isalpha": return .bool(text.isMade(of: \.isPythonLetter))
    case "isalnum": return .bool(text.isMade { $0.isPythonLetter || $0.properties.numericType != nil })
    case "isspace": return .bool(text.isMade(of: \.isPythonWhitespace))
    case "isascii": return .bool(text.bytes.allSatisfy { $0 < 0x80 })
    case "isupper", "islower": return .bool(text.isCased(upper: name == "isupper"))
    default: return try searchMethod(name, text, arguments, at: offset)
    }
  }

  private func searchMethod(_ name: String, _ text: Text, _ arguments: Arguments, at offset: Int)
    throws(TemplateError) -> Value
  {
    let isPadding = ["center", "ljust", "rjust", "zfill"].contains(name)
    let values = try bind(arguments, to: isPadding ? ["width", "fill"] : ["part"], of: name, at: offset)
    if isPadding {
      guard let width = values[0]?.integer else { throw error("\(name)() needs a width", at: offset) }
      let fill = try self.text(values[1], in: name, at: offset) ?? Text(name == "zfill" ? "0" : " ")
      if fill.scalarCount != 1 { throw error("\(name)() needs one character to fill with", at: offset) }
      return .text(try padded(text, to: width, with: fill, name, at: offset))
    }
    guard let part = try self.text(values[0], in: name, at: offset) else {
      throw error("\(name)() needs a string", at: offset)
    }
    switch name {
    case "removeprefix": return .text(text.hasPrefix(part) ? text.slice(text.lower + part.count, text.upper) : text)
    case "removesuffix":
      return .text(text.hasSuffix(part) && !part.isEmpty ? text.slice(text.lower, text.upper - part.count) : text)
    case "partition", "rpartition":
      if part.isEmpty { throw error("\(name)() found an empty separator", at: offset) }
      let isLast = name == "rpartition"
      let pieces = isLast ? text.splitFromEnd(by: part, limit: 1) : text.split(by: part, limit: 1)
      let parts =
        pieces.count == 2
        ? [pieces[0], part, pieces[1]] : isLast ? [Text(""), Text(""), text] : [text, Text(""), Text("")]
      return .tuple(parts.map(Value.text))
    case "count":
      return .int(part.isEmpty ? text.scalarCount + 1 : text.occurrences(of: part).count)
    default:
      let isLast = name.hasPrefix("r")
      var found: Int?
      if part.isEmpty {
        found = isLast ? text.upper : text.lower
      } else if isLast {
        let pieces = text.splitFromEnd(by: part, limit: 1)
        if pieces.count == 2 { found = pieces[0].upper }
      } else {
        found = text.occurrences(of: part, limit: 1).first
      }
      if let found { return .int(text.slice(text.lower, found).scalarCount) }
      if name.hasSuffix("index") { throw error("\(name)(): the part is not in the string", at: offset) }
      return .int(-1)
    }
  }

  private func split(_ text: Text, _ values: [Value?], isReversed: Bool, at offset: Int) throws(TemplateError) -> Value
  {
    let separator = try self.text(values[0], in: "split", at: offset)
    let most = values[1]?.integer ?? -1
    let limit = most < 0 ? Int.max : most
    let pieces: [Text]
    if let separator {
      if separator.isEmpty { throw error("split() found an empty separator", at: offset) }
      pieces = isReversed ? text.splitFromEnd(by: separator, limit: limit) : text.split(by: separator, limit: limit)
    } else {
      pieces = isReversed && most >= 0 ? text.wordsFromEnd(limit: limit) : text.words(limit: limit)
    }
    return try makeTexts(pieces, at: offset)
  }

  func makeTexts(_ texts: [Text], at offset: Int) throws(TemplateError) -> Value {
    try makeList(texts.map(Value.text), at: offset)
  }

  func replace(_ text: Text, _ values: [Value?], at offset: Int) throws(TemplateError) -> Value {
    guard let old = try self.text(values[0], in: "replace", at: offset),
      let new = try self.text(values[1], in: "replace", at: offset)
    else { throw error("replace() needs two strings", at: offset) }
    let most = values[2]?.integer ?? -1
    let limit = most < 0 ? Int.max : most
    let places =
      old.isEmpty
      ? min(text.count + 1, limit) : text.count >= old.count ? min(text.occurrences(of: old).count, limit) : 0
    try charge(text, at: offset)
    try charge(new, times: places, at: offset)
    return .text(text.replacing(old, with: new, limit: limit))
  }

  func padded(_ text: Text, to width: Int, with fill: Text, _ name: String, at offset: Int) throws(TemplateError)
    -> Text
  {
    try charge(text, at: offset)
    let count = text.scalarCount
    if width <= count { return text }
    let missing = width - count
    try charge(missing.multipliedSaturated(by: fill.weight), at: offset)
    switch name {
    case "ljust": return text.padded(left: 0, right: missing, with: fill)
    case "rjust": return text.padded(left: missing, right: 0, with: fill)
    case "center":
      let left = missing / 2 + (missing & width & 1)
      return text.padded(left: left, right: missing - left, with: fill)
    default:
      let hasSign = text.bytes.first == UInt8(ascii: "-") || text.bytes.first == UInt8(ascii: "+")
      let sign = text.slice(text.lower, text.lower + (hasSign ? 1 : 0))
      return sign + text.slice(sign.upper, text.upper).padded(left: missing, right: 0, with: fill)
    }
  }

  /// An argument that must be a string; nil if absent or none.
  func text(_ value: Value?, in name: String, at offset: Int) throws(TemplateError) -> Text? {
    switch value {
    case nil, .some(.none): return nil
    case .text(let text):
      try charge(text, at: offset)
      return text
    case .some(let other): throw error("\(name)() found \(other.typeName); allowed: a string", at: offset)
    }
  }
}
