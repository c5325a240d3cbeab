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
