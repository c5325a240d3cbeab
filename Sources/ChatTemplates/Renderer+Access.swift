/// Attributes, subscripts and slices.
extension Renderer {
  /// `base.name`: Python's own attribute if there is one, else the item.
  func attribute(_ name: String, key: Value, of base: Value, at offset: Int) throws(TemplateError) -> Value {
    if let own = ownAttribute(name, of: base) { return own }
    if case .dict(let box) = base {
      try charge(1 + box.keys.count / 8, at: offset)
      return box.value(for: key) ?? .undefined(name)
    }
    if case .undefined(let what) = base {
      throw error("'\(what)' is undefined and has no attribute '\(name)'; test it with 'is defined' first", at: offset)
    }
    return .undefined(name)
  }

  /// `base[key]`: the item if there is one, else Python's own attribute of that name.
  func item(_ key: Value, of base: Value, at offset: Int) throws(TemplateError) -> Value {
    switch base {
    case .undefined(let what):
      throw error("'\(what)' is undefined and has no items; test it with 'is defined' first", at: offset)
    case .dict(let box):
      try charge(1 + box.keys.count / 8, at: offset)
      if key.isHashable, let value = box.value(for: key) { return value }
    case .list(let box) where box.kind != .iterator:
      if let index = key.integer { return element(index, of: box.items.count) { box.items[$0] } }
    case .text(let text):
      if let index = key.integer {
        try charge(text, at: offset)
        let found = text.sliced(SliceBounds(start: index, stop: index == -1 ? nil : index.addingSaturated(1)))
        return found.isEmpty ? .undefined("item \(index)") : .text(found)
      }
    default: break
    }
    if case .text(let name) = key, let own = ownAttribute(name.string, of: base) { return own }
    return .undefined(key.printedName)
  }

  private func element(_ index: Int, of count: Int, _ element: (Int) -> Value) -> Value {
    let position = index < 0 ? index + count : index
    return position >= 0 && position < count ? element(position) : .undefined("item \(index)")
  }

  /// What Python itself knows under a name: methods, attributes of namespaces and loops.
  private func ownAttribute(_ name: String, of base: Value) -> Value? {
    switch base {
    case .namespace(let namespace): return namespace[name]
    case .loop(let state): return attribute(name, of: state)
    case .function(.cycler(let cycler)) where name == "current":
      return cycler.items[cycler.position % cycler.items.count]
    case .function(.macro(let closure)) where name == "name": return .string(closure.macro.name)
    default: break
    }
    return hasMethod(name, base) ? .function(.method(receiver: ValueBox(base), name: name)) : nil
  }

  func slice(_ base: Expression, _ start: Expression?, _ stop: Expression?, _ step: Expression?, at offset: Int)
    throws(TemplateError) -> Value
  {
    let value = try evaluate(base)
    var bounds = SliceBounds(start: try bound(start), stop: try bound(stop))
    if let step = try bound(step) { bounds.step = step }
    if bounds.step == 0 { throw error("the step of a slice is 0; allowed: any other integer", at: offset) }
    switch value {
    case .text(let text):
      try charge(text, times: bounds.step == 1 ? 1 : 8, at: offset)
      return .text(text.sliced(bounds))
    case .list(let box) where box.kind != .iterator:
      if bounds.step == 1 {
        return try makeList(Array(box.items[bounds.range(count: box.items.count)]), box.kind, at: offset)
      }
      try charge(1 + box.items.count / 8, at: offset)
      return try makeList(bounds.indices(count: box.items.count).map { box.items[$0] }, box.kind, at: offset)
    case .undefined(let what): throw error("'\(what)' is undefined and cannot be sliced", at: offset)
    default: throw error("\(value.typeName) cannot be sliced; strings and lists can", at: offset)
    }
  }

  private func bound(_ expression: Expression?) throws(TemplateError) -> Int? {
    guard let expression else { return nil }
    let value = try evaluate(expression)
    if case .none = value { return nil }
    guard let index = value.integer else {
      throw error("a slice's bound is \(value.typeName); allowed: integers", at: expression.offset)
    }
    return index
  }
}

extension Value {
  /// A key as an error message names it.
  var printedName: String {
    switch self {
    case .text(let text): String(text.string.prefix(80))
    case .int(let value): "item \(value)"
    default: typeName
    }
  }
}
