import Yams

/// One way to say a value of an enumeration with payloads: `key: payload`.
struct Choice<Value> {
  let key: String
  let read: (Node, String, inout Problems) -> Value?
  let write: (Value) -> Node?
  let keys: [String]
  let exclusive: [Set<String>]

  /// - Parameters:
  ///   - from: the payload if the value is of this case.
  init<Payload>(
    _ key: String, _ codec: Codec<Payload>, _ to: @escaping (Payload) -> Value, from: @escaping (Value) -> Payload?
  ) {
    self.key = key
    read = { node, path, problems in codec.read(node, path, &problems).map(to) }
    write = { from($0).flatMap(codec.write) }
    keys = [key] + codec.keys.map { "\(key).\($0)" }
    exclusive = codec.exclusive
  }
}

extension Codec where Value: Equatable {
  /// One of some words, or a section with exactly one key.
  ///
  /// - Parameter words: each with what it stands for; the first word of a value is the one written.
  static func choice(words: [(String, Value)], _ choices: [Choice<Value>]) -> Codec {
    let names = words.map(\.0) + choices.map { "{\($0.key): …}" }
    let rule = "needed is one of \(names.joined(separator: ", "))"
    return Codec(
      read: { node, path, problems in
        problems.visit(path, node)
        if case .mapping(let mapping) = node, mapping.count == 1, let (key, value) = mapping.first {
          let name = key.scalar?.string ?? ""
          if let choice = choices.first(where: { $0.key == name }) {
            return choice.read(value, join(path, name), &problems)
          }
          problems.add(
            join(path, name), mark: key.mark, rule: "the key is not known; \(rule)",
            repair: nearest(to: name, among: choices.map(\.key)).map { "did you mean \($0)?" } ?? "write one of them")
          return nil
        }
        if case .scalar(let scalar) = node {
          if let word = words.first(where: { $0.0 == scalar.string }) { return word.1 }
          let near = nearest(to: scalar.string, among: words.map(\.0) + choices.map(\.key))
          problems.add(
            path, found: node.isNull ? "nothing" : node.shown, rule: rule,
            repair: near.map { "did you mean \($0)?" } ?? "write one of them")
          return nil
        }
        problems.add(path, found: node.shown, rule: rule, repair: "keep one of them")
        return nil
      },
      write: { value in
        if let word = words.first(where: { $0.1 == value }), !choices.contains(where: { $0.key == word.0 }) {
          return Node(word.0, .implicit, .plain)
        }
        for choice in choices {
          if let payload = choice.write(value) {
            return Node([(Node(choice.key, .implicit, .plain), payload)], .implicit, .block)
          }
        }
        return nil
      },
      keys: choices.flatMap(\.keys), exclusive: [Set(choices.map(\.key))] + choices.flatMap(\.exclusive))
  }
}
