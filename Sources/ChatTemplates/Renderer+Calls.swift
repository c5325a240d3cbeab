/// The values in a call's parentheses.
struct Arguments {
  var positional: [Value] = []
  var named: [(name: String, value: Value)] = []
  /// The body of a call block.
  var caller: MacroClosure?

  subscript(name: String) -> Value? { named.first { $0.name == name }?.value }
}

/// Calls of functions, macros and methods.
extension Renderer {
  func arguments(_ arguments: CallArguments, at offset: Int) throws(TemplateError) -> Arguments {
    var result = Arguments()
    for expression in arguments.positional { result.positional.append(try evaluate(expression)) }
    for (name, expression) in arguments.named { result.named.append((name, try evaluate(expression))) }
    if let spread = arguments.spread {
      result.positional += try items(of: try evaluate(spread), at: spread.offset)
    }
    if let spread = arguments.namedSpread {
      guard case .dict(let box) = try evaluate(spread) else {
        throw error("'**' stands before no mapping; allowed: **mapping", at: spread.offset)
      }
      for (key, value) in zip(box.keys, box.values) {
        guard case .text(let name) = key, result[name.string] == nil else {
          throw error("'**' brings a name twice or one that is no string", at: spread.offset)
        }
        try charge(1 + result.named.count / 4, at: offset)
        result.named.append((name.string, value))
      }
    }
    return result
  }

  /// The arguments by parameter; absent ones are nil.
  func bind(_ arguments: Arguments, to names: [String], of function: String, at offset: Int) throws(TemplateError)
    -> [Value?]
  {
    if arguments.positional.count > names.count {
      throw error(
        "\(function) takes \(names.count) arguments at most (\(names.joined(separator: ", "))); found "
          + "\(arguments.positional.count)", at: offset)
    }
    var values = arguments.positional.map(Optional.some)
    values += Array(repeating: nil, count: names.count - values.count)
    for (name, value) in arguments.named {
      guard let index = names.firstIndex(of: name), values[index] == nil else {
        throw error(
          "\(function) found the argument '\(name)' twice or does not know it; it knows "
            + "\(names.isEmpty ? "none" : names.joined(separator: ", "))", at: offset)
      }
      values[index] = value
    }
    return values
  }

  func call(_ function: Expression, _ arguments: CallArguments, at offset: Int) throws(TemplateError) -> Value {
    if case .attribute(let base, let name, let constant) = function.form {
      // A method of a value, without making a function of it first.
      let receiver = try evaluate(base)
      if hasMethod(name, receiver) {
        return try callMethod(name, of: receiver, try self.arguments(arguments, at: offset), at: function.offset)
      }
      let found = try attribute(name, key: constants[constant], of: receiver, at: function.offset)
      if case .undefined = found {
        throw error("\(receiver.typeName) has no method '\(name)'", at: function.offset)
      }
      return try call(found, try self.arguments(arguments, at: offset), at: offset)
    }
    return try call(try evaluate(function), try self.arguments(arguments, at: offset), at: offset)
  }

  func call(_ value: Value, _ arguments: Arguments, at offset: Int) throws(TemplateError) -> Value {
    switch value {
    case .function(.global(let function)): return try call(function, arguments, at: offset)
    case .function(.macro(let closure)): return .text(try call(closure, arguments, at: offset))
    case .function(.method(let receiver, let name)):
      return try callMethod(name, of: receiver.value, arguments, at: offset)
    case .function(.cycler(let cycler)):
      throw error("a cycler is no function; call its next(), of \(cycler.items.count) items", at: offset)
    case .function(.joiner(let joiner)):
      joiner.position += 1
      return joiner.position == 1 ? .string("") : joiner.items[0]
    case .loop(let state):
      guard let (loop, outer) = state.recursion else {
        throw error("'loop(…)' needs '{% for … recursive %}'", at: offset)
      }
      let values = try bind(arguments, to: ["items"], of: "loop", at: offset)
      return .text(
        try captured(at: offset) { () throws(TemplateError) in
          try run(loop, over: values[0] ?? .undefined("items"), in: outer, level: state.level + 1, at: offset)
        })
    case .undefined("strftime_now"):
      throw error("strftime_now needs a date, and this rendering was given none; give it one", at: offset)
    case .undefined(let what): throw error("'\(what)' is undefined and cannot be called", at: offset)
    default: throw error("\(value.typeName) cannot be called", at: offset)
    }
  }

  private func call(_ closure: MacroClosure, _ arguments: Arguments, at offset: Int) throws(TemplateError) -> Text {
    let macro = closure.macro
    let saved = scope
    scope = closure.scope
    defer { scope = saved }
    return try captured(at: offset) { () throws(TemplateError) in
      let extra = arguments.positional.dropFirst(macro.parameters.count)
      if !extra.isEmpty, macro.varargs == nil {
        throw error("macro '\(macro.name)' takes \(macro.parameters.count) arguments at most", at: offset)
      }
      var named = arguments.named
      for (index, parameter) in macro.parameters.enumerated() {
        let place = named.firstIndex { $0.name == parameter.name }
        if index < arguments.positional.count {
          if place != nil { throw error("macro '\(macro.name)' found '\(parameter.name)' twice", at: offset) }
          scope.set(parameter.symbol, to: arguments.positional[index])
        } else if let place {
          scope.set(parameter.symbol, to: named.remove(at: place).value)
        } else if let standard = parameter.standard {
          scope.set(parameter.symbol, to: try evaluate(standard))
        } else {
          scope.set(parameter.symbol, to: .undefined(parameter.name))
        }
      }
      if let kwargs = macro.kwargs {
        scope.set(kwargs, to: try makeDict(named.map { (.string($0.name), $0.value) }, at: offset))
      } else if let unknown = named.first {
        throw error("macro '\(macro.name)' has no parameter '\(unknown.name)'", at: offset)
      }
      if let varargs = macro.varargs { scope.set(varargs, to: try makeList(Array(extra), .tuple, at: offset)) }
      if let caller = macro.caller {
        scope.set(caller, to: arguments.caller.map { .function(.macro($0)) } ?? .undefined("caller"))
      }
      _ = try execute(macro.body)
    }
  }

  private func call(_ function: GlobalFunction, _ arguments: Arguments, at offset: Int) throws(TemplateError) -> Value {
    switch function {
    case .range: return try range(arguments, at: offset)
    case .dict, .namespace:
      var entries: [(key: Value, value: Value)] = []
      if let first = arguments.positional.first { entries = try pairs(of: first, at: offset) }
      entries += arguments.named.map { (.string($0.name), $0.value) }
      guard case .dict(let box) = try makeDict(entries, at: offset) else { return .none }
      if function == .dict { return .dict(box) }
      let namespace = makeNamespace()
      for (key, value) in zip(box.keys, box.values) {
        let name = try printed(key, at: offset).string
        if name.hasPrefix("_") { throw error("'\(name)' begins with '_'; rename the attribute", at: offset) }
        namespace[name] = value
      }
      return .namespace(namespace)
    case .cycler:
      if arguments.positional.isEmpty { throw error("cycler() needs at least one item", at: offset) }
      return .function(.cycler(Cycler(arguments.positional)))
    case .joiner:
      let values = try bind(arguments, to: ["sep"], of: "joiner", at: offset)
      return .function(.joiner(Cycler([values[0] ?? .string(", ")])))
    case .raiseException:
      let values = try bind(arguments, to: ["message"], of: "raise_exception", at: offset)
      throw error(try printed(values[0] ?? .none, at: offset).string, at: offset, kind: .raised)
    case .strftimeNow:
      let values = try bind(arguments, to: ["format"], of: "strftime_now", at: offset)
      guard case .text(let format)? = values[0], let text = date?.formatted(format.string) else {
        throw error("strftime_now needs a format of C's strftime, such as '%d %b %Y'", at: offset)
      }
      return .string(text)
    }
  }

  /// The entries of a mapping, or of a list of pairs.
  private func pairs(of value: Value, at offset: Int) throws(TemplateError) -> [(key: Value, value: Value)] {
    if case .dict(let box) = value { return Array(zip(box.keys, box.values)) }
    if case .namespace(let namespace) = value {
      return zip(namespace.names, namespace.values).map { (.string($0), $1) }
    }
    var entries: [(key: Value, value: Value)] = []
    for pair in try items(of: value, at: offset) {
      let parts = try items(of: pair, at: offset)
      if parts.count != 2 { throw error("dict() needs a mapping or pairs; found \(parts.count) parts", at: offset) }
      entries.append((parts[0], parts[1]))
    }
    return entries
  }

  private func range(_ arguments: Arguments, at offset: Int) throws(TemplateError) -> Value {
    let bounds = arguments.positional.compactMap(\.integer)
    guard arguments.named.isEmpty, bounds.count == arguments.positional.count, (1...3).contains(bounds.count) else {
      throw error("range() needs one to three integers", at: offset)
    }
    let (start, stop) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
    let step = bounds.count == 3 ? bounds[2] : 1
    if step == 0 { throw error("range() has the step 0; allowed: any other integer", at: offset) }
    let isEmpty = step > 0 ? start >= stop : start <= stop
    let distance = Double(stop) - Double(start)
    if !isEmpty, distance / Double(step) > Double(Self.maximumRange) {
      throw error("range() is longer than \(Self.maximumRange)", at: offset, kind: .limit)
    }
    try charge(isEmpty ? 1 : Int(distance / Double(step)) + 1, at: offset)
    var values: [Value] = []
    var next = (partialValue: start, overflow: isEmpty)
    while !next.overflow, step > 0 ? next.partialValue < stop : next.partialValue > stop {
      values.append(.int(next.partialValue))
      next = next.partialValue.addingReportingOverflow(step)
    }
    return try makeList(values, at: offset)
  }
}
