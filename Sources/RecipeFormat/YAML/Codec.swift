import Yams

/// How one kind of value is read from YAML and written to it: the only place that knows its rule.
struct Codec<Value> {
  /// The value at a node, or nil after noting why not.
  var read: (Node, String, inout Problems) -> Value?
  /// The value, written out; nil for a key that is left out.
  var write: (Value) -> Node?
  /// The keys below this value, as `key.key`; empty for scalars.
  var keys: [String] = []
  /// Sets of keys of one section that exclude each other: synonyms, and alternatives.
  var exclusive: [Set<String>] = []
}

extension Codec {
  /// Another type with the same text.
  func map<Other>(_ to: @escaping (Value) -> Other, _ from: @escaping (Other) -> Value?) -> Codec<Other> {
    Codec<Other>(
      read: { node, path, problems in read(node, path, &problems).map(to) },
      write: { from($0).flatMap(write) }, keys: keys, exclusive: exclusive)
  }

  /// The value or `null`.
  var orNull: Codec<Value?> {
    Codec<Value?>(
      read: { node, path, problems in
        problems.visit(path, node)
        return node.isNull ? .some(nil) : read(node, path, &problems).map { .some($0) }
      },
      write: { value in value.map(write) ?? Node("null", .implicit, .plain) }, keys: keys, exclusive: exclusive)
  }
}

extension Node {
  /// A section without keys.
  static var emptySection: Node { .mapping(Mapping([])) }

  /// `null`, `~` or nothing.
  var isNull: Bool {
    guard let scalar, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// The value as messages show it.
  var shown: String {
    switch self {
    case .scalar(let scalar): scalar.string.count > 80 ? "\"\(scalar.string.prefix(80))…\"" : "\"\(scalar.string)\""
    case .sequence(let sequence): "a list of \(sequence.count)"
    case .mapping(let mapping): "a section of \(mapping.count) keys"
    case .alias: "an alias"
    }
  }
}
