/// Filters over lists, mappings and whatever can be gone through.
extension Renderer {
  func sequenceFilter(_ name: String, _ value: Value, _ arguments: Arguments, at offset: Int) throws(TemplateError)
    -> Value
  {
    func bound(_ names: String...) throws(TemplateError) -> [Value?] {
      try bind(arguments, to: names, of: "filter '\(name)'", at: offset)
    }
    switch name {
    case "list":
      _ = try bound()
      return try makeList(try items(of: value, at: offset), at: offset)
    case "first":
      _ = try bound()
      if case .list(let box) = value, box.kind == .iterator {
        guard box.consumed < box.items.count else { return .undefined("first of nothing") }
        box.consumed += 1
        return box.items[box.consumed - 1]
      }
      return try items(of: value, at: offset).first ?? .undefined("first of nothing")
    case "last":
      _ = try bound()
      return try items(of: value, at: offset).last ?? .undefined("last of nothing")
    case "items":
      _ = try bound()
      switch value {
      case .dict(let box):
        try charge(box.keys.count, at: offset)
        return try makeList(zip(box.keys, box.values).map { .tuple([$0, $1]) }, .iterator, at: offset)
      case .undefined: return try makeList([], .iterator, at: offset)
      default: throw error("items found \(value.typeName); allowed: a mapping", at: offset)
      }
    case "reverse":
      _ = try bound()
      let items = try self.items(of: value, at: offset)
      if case .text = value {
        return try join(try makeList(items.reversed(), at: offset), with: Text(""), requiresTexts: true, at: offset)
      }
      return try makeList(items.reversed(), .iterator, at: offset)
    case "map": return try map(value, arguments, at: offset)
    case "select", "reject", "selectattr", "rejectattr": return try select(name, value, arguments, at: offset)
    case "sort":
      let values = try bound("reverse", "case_sensitive", "attribute")
      return try makeList(
        try sorted(
          try items(of: value, at: offset), by: values[2], isReversed: values[0]?.isTrue ?? false,
          isCaseSensitive: values[1]?.isTrue ?? false, at: offset), at: offset)
    case "min", "max":
      let values = try bound("case_sensitive", "attribute")
      let order = try sorted(
        try items(of: value, at: offset), by: values[1], isReversed: name == "max",
        isCaseSensitive: values[0]?.isTrue ?? false, at: offset)
      return order.first ?? .undefined("\(name) of nothing")
    case "unique":
      let values = try bound("case_sensitive", "attribute")
      return try unique(value, by: values[1], isCaseSensitive: values[0]?.isTrue ?? false, at: offset)
    case "sum":
      let values = try bound("attribute", "start")
      var total = values[1] ?? .int(0)
      for item in try items(of: value, at: offset) {
        let part = if let attribute = values[0] { try path(attribute, of: item, at: offset) } else { item }
        total = try arithmetic(.add, total, part, at: offset)
      }
      return total
    case "dictsort": return try dictsort(value, try bound("case_sensitive", "by", "reverse"), at: offset)
    case "groupby": return try group(value, try bound("attribute", "default", "case_sensitive"), at: offset)
    case "batch", "slice": return try portions(name, value, try bound("count", "fill_with"), at: offset)
    default:
      throw error("there is no filter '\(name)'; allowed: \(Self.filterNames.joined(separator: ", "))", at: offset)
    }
  }

  /// `a.b.0` of a value, one subscript after the other.
  func path(_ attribute: Value, of value: Value, default standard: Value? = nil, at offset: Int) throws(TemplateError)
    -> Value
  {
    guard case .text(let text) = attribute else { return try item(attribute, of: value, at: offset) }
    try charge(text, at: offset)
    var result = value
    for part in text.split(by: Text(".")) {
      let key = Int(part.string).map(Value.int) ?? .text(part)
      result = try item(key, of: result, at: offset)
      if case .undefined = result, let standard { result = standard }
    }
    return result
  }

  private func map(_ value: Value, _ arguments: Arguments, at offset: Int) throws(TemplateError) -> Value {
    var result: [Value] = []
    // Whatever is false has no items.
    let value = value.isTrue ? value : .list([])
    if arguments.positional.isEmpty, let attribute = arguments["attribute"] {
      let values = try bind(arguments, to: ["attribute", "default"], of: "filter 'map'", at: offset)
      for item in try items(of: value, at: offset) {
        result.append(try path(attribute, of: item, default: values[1], at: offset))
      }
    } else {
      var rest = arguments
      guard case .text(let name)? = rest.positional.first else {
        throw error("map needs the name of a filter, or attribute=…", at: offset)
      }
      rest.positional.removeFirst()
      for item in try items(of: value, at: offset) {
        result.append(try filter(name.string, item, rest, at: offset))
      }
    }
    return try makeList(result, .iterator, at: offset)
  }

  private func select(_ name: String, _ value: Value, _ arguments: Arguments, at offset: Int) throws(TemplateError)
    -> Value
  {
    var rest = arguments
    var attribute: Value?
    if name.hasSuffix("attr") {
      if rest.positional.isEmpty { throw error("\(name) needs the name of an attribute", at: offset) }
      attribute = rest.positional.removeFirst()
    }
    let testName = rest.positional.isEmpty ? nil : try printed(rest.positional.removeFirst(), at: offset).string
    let keeps = name.hasPrefix("select")
    var result: [Value] = []
    for item in try items(of: value.isTrue ? value : .list([]), at: offset) {
      let subject = if let attribute { try path(attribute, of: item, at: offset) } else { item }
      let holds = if let testName { try test(testName, subject, rest, at: offset) } else { subject.isTrue }
      if holds == keeps { result.append(item) }
    }
    return try makeList(result, .iterator, at: offset)
  }
}
