/// Statements.
extension Renderer {
  /// Whether a loop goes on after a statement.
  enum Flow { case normal, breakLoop, continueLoop }

  func execute(_ statements: [Statement]) throws(TemplateError) -> Flow {
    for statement in statements {
      let flow = try execute(statement)
      if flow != .normal { return flow }
    }
    return .normal
  }

  private func execute(_ statement: Statement) throws(TemplateError) -> Flow {
    let offset = statement.offset
    try enter(at: offset)
    defer { leave() }
    switch statement.form {
    case .data(let bytes):
      try charge(1 + bytes.count / 32, at: offset)
      output.append(bytes)
    case .output(let expression): try write(try printed(try evaluate(expression), at: offset), at: offset)
    case .branch(let branches, let otherwise): return try branch(branches, otherwise)
    case .loop(let loop): try run(loop, at: offset)
    case .set(let target, let expression): try assign(try evaluate(expression), to: target, at: offset)
    case .setBlock(let target, let filter, let body): try setBlock(target, filter, body, at: offset)
    case .macro(let macro): scope.set(macro.symbol, to: .function(.macro(makeClosure(macro))))
    case .callBlock(let call, let caller): try callBlock(call, caller, at: offset)
    case .filterBlock(let filter, let body):
      let text = try captured(at: offset) { () throws(TemplateError) in _ = try execute(body) }
      try write(try printed(try evaluate(filter, over: .text(text)), at: offset), at: offset)
    case .with(let assignments, let body): try with(assignments, body, at: offset)
    case .generation(let body): try generation(body)
    case .breakLoop: return .breakLoop
    case .continueLoop: return .continueLoop
    }
    return .normal
  }

  func write(_ text: Text, at offset: Int) throws(TemplateError) {
    try charge(text, at: offset)
    output.append(text)
  }

  /// Runs with an own block of variables, seen through `outer`.
  func scoped(in outer: Scope? = nil, _ body: () throws(TemplateError) -> Void) throws(TemplateError) {
    let saved = scope
    scope = Scope(in: outer ?? saved)
    defer { scope = saved }
    try body()
  }

  /// What is written while the body runs, as a text of its own.
  func captured(at offset: Int, _ body: () throws(TemplateError) -> Void) throws(TemplateError) -> Text {
    let saved = output
    output = MarkedBytes()
    defer { output = saved }
    try scoped(body)
    return Text(output)
  }

  private func branch(_ branches: [(test: Expression, body: [Statement])], _ otherwise: [Statement])
    throws(TemplateError) -> Flow
  {
    for (test, body) in branches where try evaluate(test).isTrue { return try execute(body) }
    return try execute(otherwise)
  }

  func assign(_ value: Value, to target: Target, at offset: Int) throws(TemplateError) {
    switch target {
    case .name(let symbol): scope.set(symbol, to: value)
    case .tuple(let targets):
      let items = try self.items(of: value, at: offset)
      if items.count != targets.count {
        throw error("found \(items.count) values for \(targets.count) names; they must be as many", at: offset)
      }
      for (target, item) in zip(targets, items) { try assign(item, to: target, at: offset) }
    case .attribute(let symbol, let name):
      guard case .namespace(let namespace) = lookUp(symbol) else {
        throw error(
          "'\(program.names[symbol])' is \(lookUp(symbol).typeName); attributes can be set on a namespace(…) only",
          at: offset)
      }
      if name.hasPrefix("_") { throw error("'\(name)' begins with '_'; rename the attribute", at: offset) }
      try charge(1 + namespace.names.count / 4, at: offset)
      namespace[name] = value
    }
  }

  private func setBlock(_ target: Target, _ filter: Expression?, _ body: [Statement], at offset: Int)
    throws(TemplateError)
  {
    var value = Value.text(try captured(at: offset) { () throws(TemplateError) in _ = try execute(body) })
    if let filter { value = try evaluate(filter, over: value) }
    try assign(value, to: target, at: offset)
  }

  private func with(_ assignments: [(target: Target, value: Expression)], _ body: [Statement], at offset: Int)
    throws(TemplateError)
  {
    // All values are those of the block around.
    var values: [Value] = []
    for (_, expression) in assignments { values.append(try evaluate(expression)) }
    try scoped { () throws(TemplateError) in
      for (assignment, value) in zip(assignments, values) { try assign(value, to: assignment.target, at: offset) }
      _ = try execute(body)
    }
  }

  private func callBlock(_ call: Expression, _ caller: Macro, at offset: Int) throws(TemplateError) {
    guard case .call(let function, let arguments) = call.form else { return }
    var values = try self.arguments(arguments, at: offset)
    values.caller = makeClosure(caller)
    let result = try self.call(try evaluate(function), values, at: call.offset)
    try write(try printed(result, at: offset), at: offset)
  }

  private func generation(_ body: [Statement]) throws(TemplateError) {
    let start = output.bytes.count
    try scoped { () throws(TemplateError) in _ = try execute(body) }
    if let message = output.message(markedFrom: start) ?? currentMessage, assistants.contains(message) {
      output.mark(from: start, message: message)
    }
  }
}
