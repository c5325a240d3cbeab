/// What an expression of a template is worth.
enum Value {
  /// Nothing was found under this name; prints as nothing, is false, and most uses of it are errors.
  case undefined(String)
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case text(Text)
  case list(ListBox)
  case dict(DictBox)
  case namespace(Namespace)
  case loop(LoopState)
  case function(Function)

  /// Longest way down through lists and dictionaries; bounds every recursion over values.
  var depth: Int {
    switch self {
    case .list(let box): box.depth
    case .dict(let box): box.depth
    default: 0
    }
  }

  /// What reading all of the value costs: one for each value in it and for each 32 bytes of text, shared parts counted
  /// as often as they are met.
  var cost: Int {
    switch self {
    case .text(let text): 1 + text.count / 32
    case .list(let box): box.cost
    case .dict(let box): box.cost
    default: 1
    }
  }

  /// Python's name of the type, for messages.
  var typeName: String {
    switch self {
    case .undefined(let name): "undefined '\(name)'"
    case .none: "none"
    case .bool: "a boolean"
    case .int: "an integer"
    case .float: "a float"
    case .text: "a string"
    case .list(let box): box.kind == .tuple ? "a tuple" : box.kind == .list ? "a list" : "an iterator"
    case .dict: "a mapping"
    case .namespace: "a namespace"
    case .loop: "the loop"
    case .function: "a function"
    }
  }

  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .float(let value): value != 0
    case .text(let text): !text.isEmpty
    case .list(let box): box.kind == .iterator || !box.items.isEmpty
    case .dict(let box): !box.keys.isEmpty
    case .loop, .namespace, .function: true
    }
  }

  /// The number as an integer, booleans included.
  var integer: Int? {
    switch self {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  /// The number as a float, booleans and integers included.
  var number: Double? {
    if case .float(let value) = self { return value }
    return integer.map(Double.init)
  }

  static func string(_ text: some StringProtocol) -> Value { .text(Text(text)) }
  static func list(_ items: [Value]) -> Value { .list(ListBox(.list, items)) }
  static func tuple(_ items: [Value]) -> Value { .list(ListBox(.tuple, items)) }
  static func iterator(_ items: [Value]) -> Value { .list(ListBox(.iterator, items)) }
}

extension Int {
  func addingSaturated(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

/// A list, a tuple, or what Python's lazy filters give: something to go through once.
final class ListBox {
  enum Kind { case list, tuple, iterator }
  let kind: Kind
  let items: [Value]
  let depth: Int
  let cost: Int
  /// How much of an iterator is used up.
  var consumed = 0

  init(_ kind: Kind, _ items: [Value]) {
    self.kind = kind
    self.items = items
    depth = 1 + (items.lazy.map(\.depth).max() ?? 0)
    cost = items.reduce(1) { $0.addingSaturated($1.cost) }
  }

  /// All items, or what is left of an iterator.
  func take() -> [Value] {
    if kind != .iterator { return items }
    defer { consumed = items.count }
    return consumed == 0 ? items : Array(items[consumed...])
  }
}

/// A dictionary in the order of its keys' first appearance.
final class DictBox {
  let keys: [Value]
  let values: [Value]
  let depth: Int
  let cost: Int
  /// Index in the conversation, if this is one of its messages.
  let messageIndex: Int?

  /// The keys must differ.
  init(keys: [Value], values: [Value], messageIndex: Int? = nil) {
    self.keys = keys
    self.values = values
    self.messageIndex = messageIndex
    depth = 1 + (values.lazy.map(\.depth).max() ?? 0)
    cost = values.reduce(keys.reduce(1) { $0.addingSaturated($1.cost) }) { $0.addingSaturated($1.cost) }
  }

  func value(for key: Text) -> Value? {
    for index in keys.indices {
      if case .text(let text) = keys[index], text == key { return values[index] }
    }
    return nil
  }

  func value(for key: Value) -> Value? {
    if case .text(let text) = key { return value(for: text) }
    return keys.firstIndex { $0.isEqual(to: key) }.map { values[$0] }
  }
}

/// `namespace(…)`: the one value a template can change.
final class Namespace {
  var names: [String] = []
  var values: [Value] = []

  subscript(name: String) -> Value? {
    get { names.firstIndex(of: name).map { values[$0] } }
    set {
      guard let newValue else { return }
      if let index = names.firstIndex(of: name) {
        values[index] = newValue
      } else {
        names.append(name)
        values.append(newValue)
      }
    }
  }
}

/// The variable `loop` of a for loop.
final class LoopState {
  let items: [Value]
  var index = 0
  let level: Int
  /// What `loop(items)` repeats, if the loop is recursive.
  let recursion: (loop: ForLoop, scope: Scope)?
  /// What `loop.changed(…)` saw last.
  var lastChanged: Value?

  init(items: [Value], level: Int, recursion: (loop: ForLoop, scope: Scope)?) {
    self.items = items
    self.level = level
    self.recursion = recursion
  }
}

/// Something to call.
enum Function {
  /// A function that every template knows.
  case global(GlobalFunction)
  case macro(MacroClosure)
  /// `value.name` of a method.
  case method(receiver: ValueBox, name: String)
  case cycler(Cycler)
  case joiner(Cycler)
}

/// A value behind a reference, so that values can hold values.
final class ValueBox {
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// The functions of chat templates' environment.
enum GlobalFunction: String, CaseIterable {
  case range, dict, namespace, cycler, joiner
  case raiseException = "raise_exception"
  case strftimeNow = "strftime_now"
}

/// A macro and the variables it was written among.
final class MacroClosure {
  let macro: Macro
  let scope: Scope
  init(_ macro: Macro, in scope: Scope) {
    self.macro = macro
    self.scope = scope
  }
}

/// `cycler(…)` gives its items in turn; `joiner(…)` gives nothing the first time.
final class Cycler {
  let items: [Value]
  var position = 0
  init(_ items: [Value]) { self.items = items }
}

/// The variables of one block; inner blocks see outer ones, not the reverse.
final class Scope {
  let parent: Scope?
  private var symbols: [Symbol] = []
  private var values: [Value] = []

  init(in parent: Scope?) { self.parent = parent }

  subscript(symbol: Symbol) -> Value? {
    var scope: Scope? = self
    while let here = scope {
      if let index = here.symbols.firstIndex(of: symbol) { return here.values[index] }
      scope = here.parent
    }
    return nil
  }

  func set(_ symbol: Symbol, to value: Value) {
    if let index = symbols.firstIndex(of: symbol) {
      values[index] = value
    } else {
      symbols.append(symbol)
      values.append(value)
    }
  }

  /// Forgets everything; breaks the cycles that macros make.
  func clear() {
    symbols = []
    values = []
  }
}
