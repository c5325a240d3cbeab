/// Expressions.
extension Renderer {
  /// The value of an expression; `base` is what a block's filter is applied to.
  func evaluate(_ expression: Expression, over base: Value? = nil) throws(TemplateError) -> Value {
    let offset = expression.offset
    try enter(at: offset)
    defer { leave() }
    switch expression.form {
    case .constant(let index): return constants[index]
    case .name(let symbol): return lookUp(symbol)
    case .list(let parts): return try makeList(try evaluate(parts), at: offset)
    case .tuple(let parts): return try makeList(try evaluate(parts), .tuple, at: offset)
    case .dict(let entries): return try dict(entries, at: offset)
    case .not(let operand): return .bool(try !evaluate(operand).isTrue)
    case .and(let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? try evaluate(right) : value
    case .or(let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? value : try evaluate(right)
    case .conditional(let test, let then, let otherwise):
      if try evaluate(test).isTrue { return try evaluate(then) }
      guard let otherwise else { return .undefined("an 'if' without 'else'") }
      return try evaluate(otherwise)
    case .negated(let operand): return try signed(try evaluate(operand), isNegated: true, at: offset)
    case .positive(let operand): return try signed(try evaluate(operand), isNegated: false, at: offset)
    case .arithmetic(let operation, let left, let right):
      return try arithmetic(operation, try evaluate(left), try evaluate(right), at: offset)
    case .concatenation(let parts): return try concatenation(parts, at: offset)
    case .comparison(let left, let operations): return try comparison(left, operations)
    case .attribute(let base, let name, let constant):
      return try attribute(name, key: constants[constant], of: try evaluate(base), at: offset)
    case .item(let base, let key): return try item(try evaluate(key), of: try evaluate(base), at: offset)
    case .slice(let base, let start, let stop, let step):
      return try slice(base, start, stop, step, at: offset)
    case .call(let function, let arguments): return try call(function, arguments, at: offset)
    case .filter(let inner, let name, let arguments):
      let value: Value
      if let inner {
        value = try evaluate(inner, over: base)
      } else {
        value = base ?? .undefined("block")
      }
      return try filter(name, value, try self.arguments(arguments, at: offset), at: offset)
    case .test(let inner, let name, let arguments):
      let value = try evaluate(inner)
      return .bool(try test(name, value, try self.arguments(arguments, at: offset), at: offset))
    }
  }

  private func evaluate(_ parts: [Expression]) throws(TemplateError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(parts.count)
    for part in parts { values.append(try evaluate(part)) }
    return values
  }

  func lookUp(_ symbol: Symbol) -> Value {
    scope[symbol] ?? globals[symbol] ?? .undefined(program.names[symbol])
  }

  private func dict(_ entries: [(key: Expression, value: Expression)], at offset: Int) throws(TemplateError) -> Value {
    var values: [(key: Value, value: Value)] = []
    for (key, value) in entries { values.append((try evaluate(key), try evaluate(value))) }
    return try makeDict(values, at: offset)
  }

  private func concatenation(_ parts: [Expression], at offset: Int) throws(TemplateError) -> Value {
    var result: Text?
    for part in parts {
      let text = try printed(try evaluate(part), at: offset)
      result = if let left = result { try joined(left, text, at: offset) } else { text }
    }
    return .text(result ?? Text(""))
  }

  private func comparison(_ left: Expression, _ operations: [(operation: Comparison, operand: Expression)])
    throws(TemplateError) -> Value
  {
    var value = try evaluate(left)
    for (operation, operand) in operations {
      let right = try evaluate(operand)
      if try !compare(value, operation, right, at: operand.offset) { return .bool(false) }
      value = right
    }
    return .bool(true)
  }

  func compare(_ left: Value, _ operation: Comparison, _ right: Value, at offset: Int) throws(TemplateError) -> Bool {
    switch operation {
    case .equal: return try areEqual(left, right, at: offset)
    case .notEqual: return try !areEqual(left, right, at: offset)
    case .less: return try isLess(left, right, at: offset)
    case .greater: return try isLess(right, left, at: offset)
    case .lessOrEqual:
      if try areEqual(left, right, at: offset), left.isLess(than: right) != nil { return true }
      return try isLess(left, right, at: offset)
    case .greaterOrEqual: return try compare(right, .lessOrEqual, left, at: offset)
    case .contained: return try contains(right, left, at: offset)
    case .notContained: return try !contains(right, left, at: offset)
    }
  }

  func areEqual(_ left: Value, _ right: Value, at offset: Int) throws(TemplateError) -> Bool {
    try charge(min(left.cost, right.cost), at: offset)
    return left.isEqual(to: right)
  }

  func isLess(_ left: Value, _ right: Value, at offset: Int) throws(TemplateError) -> Bool {
    try charge(min(left.cost, right.cost), at: offset)
    guard let result = left.isLess(than: right) else {
      throw error("cannot order \(left.typeName) and \(right.typeName); numbers or strings can be ordered", at: offset)
    }
    return result
  }

  func contains(_ container: Value, _ element: Value, at offset: Int) throws(TemplateError) -> Bool {
    switch container {
    case .text(let text):
      guard case .text(let needle) = element else {
        throw error("found \(element.typeName) in front of 'in' and a string behind; both must be strings", at: offset)
      }
      try charge(text, at: offset)
      return text.contains(needle)
    case .dict(let box):
      if !element.isHashable { throw error("\(element.typeName) cannot be a key", at: offset) }
      try charge(1 + box.keys.count / 4, at: offset)
      return box.value(for: element) != nil
    case .list(let box):
      if box.kind == .iterator {
        while box.consumed < box.items.count {
          box.consumed += 1
          if try areEqual(box.items[box.consumed - 1], element, at: offset) { return true }
        }
        return false
      }
      for item in box.items where try areEqual(item, element, at: offset) { return true }
      return false
    case .undefined: return false
    default:
      throw error("found \(container.typeName) behind 'in'; a list, mapping or string must stand there", at: offset)
    }
  }
}
