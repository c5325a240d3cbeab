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
