/// For loops and what can be gone through.
extension Renderer {
  /// The items that a loop over the value meets.
  func items(of value: Value, at offset: Int) throws(TemplateError) -> [Value] {
    switch value {
    case .list(let box):
      try charge(1 + box.items.count / 8, at: offset)
      return box.take()
    case .dict(let box): return box.keys
    case .text(let text):
      try charge(1 + text.count / 4, at: offset)
      return text.characters.map(Value.text)
    case .undefined: return []
    default: throw error("found \(value.typeName); a list, a mapping or a string can be gone through", at: offset)
    }
  }

  func run(_ loop: ForLoop, at offset: Int) throws(TemplateError) {
    try run(loop, over: try evaluate(loop.items), in: scope, level: 0, at: offset)
  }

  /// Runs the loop over a value, with the variables of `outer` around it.
  func run(_ loop: ForLoop, over value: Value, in outer: Scope, level: Int, at offset: Int) throws(TemplateError) {
    var items = try self.items(of: value, at: offset)
    if let condition = loop.condition {
      var kept: [Value] = []
      for item in items {
        try scoped(in: outer) { () throws(TemplateError) in
          try assign(item, to: loop.target, at: offset)
          if try evaluate(condition).isTrue { kept.append(item) }
        }
      }
      items = kept
    }
    let state = LoopState(items: items, level: level, recursion: loop.isRecursive ? (loop, outer) : nil)
    let savedMessage = currentMessage
    defer { currentMessage = savedMessage }
    var isElse = true
    for (index, item) in items.enumerated() {
      state.index = index
      if case .dict(let box) = item, let message = box.messageIndex { currentMessage = message }
      var flow = Flow.normal
      try charge(1, at: offset)
      try scoped(in: outer) { () throws(TemplateError) in
        if let loopSymbol { scope.set(loopSymbol, to: .loop(state)) }
        try assign(item, to: loop.target, at: offset)
        flow = try execute(loop.body)
      }
      if flow == .breakLoop { break }
      // As Jinja does it, only a body that reaches its end keeps the else branch away.
      if flow == .normal { isElse = false }
    }
    if isElse, !loop.otherwise.isEmpty {
      try scoped(in: outer) { () throws(TemplateError) in _ = try execute(loop.otherwise) }
    }
  }

  /// `loop.name`
  func attribute(_ name: String, of state: LoopState) -> Value? {
    let (index, count) = (state.index, state.items.count)
    return switch name {
    case "index": .int(index + 1)
    case "index0": .int(index)
    case "revindex": .int(count - index)
    case "revindex0": .int(count - index - 1)
    case "first": .bool(index == 0)
    case "last": .bool(index + 1 == count)
    case "length": .int(count)
    case "depth": .int(state.level + 1)
    case "depth0": .int(state.level)
    case "previtem": index > 0 ? state.items[index - 1] : .undefined("loop.previtem")
    case "nextitem": index + 1 < count ? state.items[index + 1] : .undefined("loop.nextitem")
    case "cycle", "changed": .function(.method(receiver: ValueBox(.loop(state)), name: name))
    default: nil
    }
  }
}
