import JSONText

/// Filters: `value|name(…)`.
extension Renderer {
  static let filterNames = [
    "abs", "attr", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "e", "escape", "first",
    "float",
    "format", "groupby", "indent", "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min",
    "reject", "rejectattr", "replace", "reverse", "round", "safe", "select", "selectattr", "slice", "sort", "string",
    "sum", "title", "tojson", "trim", "truncate", "unique", "upper", "wordcount",
  ]

  func filter(_ name: String, _ value: Value, _ arguments: Arguments, at offset: Int) throws(TemplateError) -> Value {
    func bound(_ names: String...) throws(TemplateError) -> [Value?] {
      try bind(arguments, to: names, of: "filter '\(name)'", at: offset)
    }
    switch name {
    case "trim":
      let set = try text(try bound("chars")[0], in: name, at: offset)
      let text = try printed(value, at: offset)
      try charge(text, at: offset)
      return .text(text.trimmed(of: set))
    case "tojson": return try json(value, try bound("ensure_ascii", "indent", "separators", "sort_keys"), at: offset)
    case "default", "d":
      let values = try bound("default_value", "boolean")
      if case .undefined = value { return values[0] ?? .string("") }
      return values[1]?.isTrue ?? false && !value.isTrue ? values[0] ?? .string("") : value
    case "length", "count":
      _ = try bound()
      return .int(try length(value, at: offset))
    case "join": return try join(value, try bound("d", "attribute"), at: offset)
    case "string", "safe", "upper", "lower", "capitalize", "title", "e", "escape", "wordcount":
      _ = try bound()
      return try textFilter(name, try printed(value, at: offset), at: offset)
    case "replace":
      var values = try bound("old", "new", "count")
      for index in 0..<2 { if let part = values[index] { values[index] = .text(try printed(part, at: offset)) } }
      return try replace(try printed(value, at: offset), values, at: offset)
    case "indent", "truncate":
      guard case .text(let text) = value else {
        throw error("\(name) found \(value.typeName); allowed: a string", at: offset)
      }
      return name == "indent"
        ? try indent(text, try bound("width", "first", "blank"), at: offset)
        : try truncate(text, try bound("length", "killwords", "end", "leeway"), at: offset)
    case "center":
      let width = try bound("width")[0]?.integer ?? 80
      return .text(try padded(try printed(value, at: offset), to: width, with: Text(" "), name, at: offset))
    case "format":
      let format = try printed(value, at: offset)
      if arguments.named.isEmpty {
        return .text(try formatted(format, try makeList(arguments.positional, .tuple, at: offset), at: offset))
      }
      let names = arguments.named.map { (key: Value.string($0.name), value: $0.value) }
      return .text(try formatted(format, try makeDict(names, at: offset), at: offset))
    case "int", "float", "abs", "round": return try numberFilter(name, value, arguments, at: offset)
    case "attr":
      guard case .text(let wanted)? = try bound("name")[0] else { throw error("attr needs a name", at: offset) }
      if case .dict = value, !hasMethod(wanted.string, value) { return .undefined(wanted.string) }
      return try attribute(wanted.string, key: .text(wanted), of: value, at: offset)
    default: return try sequenceFilter(name, value, arguments, at: offset)
    }
  }

  private func length(_ value: Value, at offset: Int) throws(TemplateError) -> Int {
    switch value {
    case .text(let text):
      try charge(text, at: offset)
      return text.scalarCount
    case .list(let box) where box.kind != .iterator: return box.items.count
    case .dict(let box): return box.keys.count
    case .loop(let state): return state.items.count
    case .undefined: return 0
    default: throw error("\(value.typeName) has no length; lists, mappings and strings have", at: offset)
    }
  }

  private func json(_ value: Value, _ values: [Value?], at offset: Int) throws(TemplateError) -> Value {
    var indent: String?
    switch values[1] {
    case .text(let text): indent = text.string
    case .some(let other):
      if let width = other.integer {
        if width > 64 { throw error("tojson: indent is \(width); allowed: 0…64", at: offset) }
        indent = String(repeating: " ", count: max(0, width))
      }
    case nil: break
    }
    var separators: (item: String, key: String)?
    if case .list(let box)? = values[2], box.items.count == 2 {
      separators = (try printed(box.items[0], at: offset).string, try printed(box.items[1], at: offset).string)
    }
    // Each value may bring a line's indentation and a separator.
    let between = [indent, separators?.item, separators?.key].reduce(2) { $0 + ($1?.utf8.count ?? 0) }
    try charge(value.cost.multipliedSaturated(by: between), at: offset)
    let style = JSONStyle(
      indent: indent, itemSeparator: separators?.item, keySeparator: separators?.key ?? ": ",
      escapesNonASCII: values[0]?.isTrue ?? false)
    let text: Text
    do {
      text = Text(MarkedBytes(try value.json(sortsKeys: values[3]?.isTrue ?? false).bytes(style)))
    } catch {
      throw self.error(
        "tojson found \(error.found); JSON has none, true, false, numbers, strings, lists, mappings", at: offset)
    }
    try charge(text, at: offset)
    return .text(text)
  }

  func join(_ value: Value, _ values: [Value?], at offset: Int) throws(TemplateError) -> Value {
    var value = value
    if let attribute = values[1] {
      var items: [Value] = []
      for item in try self.items(of: value, at: offset) { items.append(try path(attribute, of: item, at: offset)) }
      value = try makeList(items, at: offset)
    }
    let separator = try printed(values[0] ?? .string(""), at: offset)
    return try join(value, with: separator, requiresTexts: false, at: offset)
  }

  func join(_ value: Value, with separator: Text, requiresTexts: Bool, at offset: Int) throws(TemplateError) -> Value {
    var content = MarkedBytes()
    for (index, item) in try items(of: value, at: offset).enumerated() {
      if requiresTexts, case .text = item {
      } else if requiresTexts {
        throw error("join() found \(item.typeName) among its items; allowed: strings", at: offset)
      }
      if index > 0 {
        try charge(separator, at: offset)
        content.append(separator)
      }
      let text = try printed(item, at: offset)
      try charge(text, at: offset)
      content.append(text)
    }
    return .text(Text(content))
  }
}
