/// One run of a template over one conversation.
///
/// Everything it does is counted as work, and the work is bounded by a multiple of the template and its input; values
/// and calls nest to a bounded depth. So a template ends with a text or an error, whatever it says.
final class Renderer {
  static let maximumDepth = 160
  static let maximumValueDepth = 64
  /// The longest `range`, as in Jinja's sandbox.
  static let maximumRange = 100_000

  let program: Program
  /// Messages whose content is marked.
  let assistants: Set<Int>
  let date: CalendarDate?
  let workLimit: Int
  var work = 0
  var depth = 0
  var output = MarkedBytes()
  let constants: [Value]
  /// Values of names that no block has set, by symbol.
  var globals: [Value?]
  var scope = Scope(in: nil)
  /// The message that the innermost loop over messages is at.
  var currentMessage: Int?
  /// The variable `loop`, if the template reads it.
  let loopSymbol: Symbol?
  /// What may be part of a reference cycle, to be emptied at the end.
  private(set) var namespaces: [Namespace] = []
  private(set) var closureScopes: [Scope] = []

  init(_ program: Program, variables: [String: Value], assistants: Set<Int>, date: CalendarDate?, workLimit: Int) {
    self.program = program
    self.assistants = assistants
    self.date = date
    self.workLimit = workLimit
    loopSymbol = program.names.firstIndex(of: "loop")
    constants = program.constants.map { constant in
      switch constant {
      case .none: .none
      case .bool(let value): .bool(value)
      case .integer(let value): .int(value)
      case .float(let value): .float(value)
      case .text(let bytes): .text(Text(MarkedBytes(bytes), isOpen: false))
      }
    }
    globals = program.names.map { name in
      if let value = variables[name] { return value }
      guard let function = GlobalFunction(rawValue: name) else { return nil }
      // Without a date, templates take the fixed date that they carry.
      return function == .strftimeNow && date == nil ? nil : .function(.global(function))
    }
  }

  /// The rendered conversation.
  func run() throws(TemplateError) -> MarkedBytes {
    defer {
      for namespace in namespaces { namespace.values = [] }
      for scope in closureScopes { scope.clear() }
    }
    _ = try execute(program.body)
    return output
  }

  func error(_ message: String, at offset: Int, kind: TemplateError.Kind = .evaluation) -> TemplateError {
    TemplateError(kind, message, at: offset, of: program.source)
  }

  /// Counts work that is about to be done.
  func charge(_ amount: Int, at offset: Int) throws(TemplateError) {
    work = work.addingSaturated(amount)
    if work > workLimit {
      throw error(
        "the template does more than \(workLimit) steps of work, far more than this conversation explains; "
          + "look for a loop or a text that grows without end", at: offset, kind: .limit)
    }
  }

  /// Counts work that goes through a text, some times over, or copies it.
  func charge(_ text: Text, times: Int = 1, at offset: Int) throws(TemplateError) {
    try charge(1 + text.weight.multipliedSaturated(by: times) / 32, at: offset)
  }

  func enter(at offset: Int) throws(TemplateError) {
    depth += 1
    if depth > Self.maximumDepth {
      throw error("blocks, calls and operations are more than \(Self.maximumDepth) deep", at: offset, kind: .limit)
    }
    try charge(1, at: offset)
  }

  func leave() { depth -= 1 }

  /// A new list, tuple or iterator.
  func makeList(_ items: [Value], _ kind: ListBox.Kind = .list, at offset: Int) throws(TemplateError) -> Value {
    try charge(1 + items.count / 8, at: offset)
    return try checked(.list(ListBox(kind, items)), at: offset)
  }

  /// A new dictionary; of equal keys, the first place and the last value count.
  func makeDict(_ entries: [(key: Value, value: Value)], at offset: Int) throws(TemplateError) -> Value {
    var keys: [Value] = []
    var values: [Value] = []
    for (key, value) in entries {
      if !key.isHashable { throw error("the key is \(key.typeName); allowed: strings, numbers, tuples", at: offset) }
      try charge(1 + keys.count / 4, at: offset)
      if let index = keys.firstIndex(where: { $0.isEqual(to: key) }) {
        values[index] = value
      } else {
        keys.append(key)
        values.append(value)
      }
    }
    return try checked(.dict(DictBox(keys: keys, values: values)), at: offset)
  }

  private func checked(_ value: Value, at offset: Int) throws(TemplateError) -> Value {
    if value.depth > Self.maximumValueDepth || value.cost > workLimit {
      throw error(
        "a value is more than \(Self.maximumValueDepth) lists deep or holds more than \(workLimit) parts", at: offset,
        kind: .limit)
    }
    return value
  }

  func makeNamespace() -> Namespace {
    let namespace = Namespace()
    namespaces.append(namespace)
    return namespace
  }

  func makeClosure(_ macro: Macro) -> MacroClosure {
    closureScopes.append(scope)
    return MacroClosure(macro, in: scope)
  }

  /// What a value prints as.
  func printed(_ value: Value, at offset: Int) throws(TemplateError) -> Text {
    if case .text(let text) = value { return text }
    if case .namespace(let namespace) = value {
      for part in namespace.values { try charge(part.cost, at: offset) }
    }
    try charge(value.cost, at: offset)
    let text = value.printed
    try charge(text, at: offset)
    return text
  }

  func joined(_ left: Text, _ right: Text, at offset: Int) throws(TemplateError) -> Text {
    // Appending in place moves the right text only.
    if !left.storage.isOpen { try charge(left, at: offset) }
    try charge(right, at: offset)
    return left + right
  }
}
