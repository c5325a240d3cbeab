/// Equality and order of values, as Python has them.
extension Value {
  func isEqual(to other: Value) -> Bool {
    switch (self, other) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.text(let left), .text(let right)): return left == right
    case (.list(let left), .list(let right)):
      if left === right { return true }
      return left.kind == right.kind && left.kind != .iterator && left.items.count == right.items.count
        && zip(left.items, right.items).allSatisfy { $0.isEqual(to: $1) }
    case (.dict(let left), .dict(let right)):
      return left === right
        || left.keys.count == right.keys.count
          && zip(left.keys, left.values).allSatisfy { key, value in
            right.value(for: key)?.isEqual(to: value) ?? false
          }
    case (.namespace(let left), .namespace(let right)): return left === right
    case (.loop(let left), .loop(let right)): return left === right
    case (.function(.macro(let left)), .function(.macro(let right))): return left === right
    case (.function(.global(let left)), .function(.global(let right))): return left == right
    default:
      if let left = integer, let right = other.integer { return left == right }
      if let left = number, let right = other.number { return left == right }
      return false
    }
  }

  /// Whether this stands before the other; nil where Python knows no order.
  func isLess(than other: Value) -> Bool? {
    switch (self, other) {
    case (.text(let left), .text(let right)): return left < right
    case (.list(let left), .list(let right)):
      if left.kind != right.kind || left.kind == .iterator { return nil }
      for (a, b) in zip(left.items, right.items) where !a.isEqual(to: b) { return a.isLess(than: b) }
      return left.items.count < right.items.count
    default:
      if let left = integer, let right = other.integer { return left < right }
      if let left = number, let right = other.number { return left < right }
      return nil
    }
  }

  /// Whether the value may be a key of a dictionary.
  var isHashable: Bool {
    switch self {
    case .dict: false
    case .list(let box): box.kind == .iterator || box.kind == .tuple && box.items.allSatisfy(\.isHashable)
    default: true
    }
  }
}
