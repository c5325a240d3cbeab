import Yams

/// One key of a section.
struct Field<Section> {
  let key: String
  /// Other words for the key, from other tools; written back as `key`.
  let synonyms: [String]
  let isRequired: Bool
  let read: (inout Section, Node, String, inout Problems) -> Void
  let write: (Section) -> Node?
  /// This key and the ones below it.
  let keys: [String]
  let exclusive: [Set<String>]

  /// A key that holds one property.
  init<Value>(
    _ key: String, _ property: WritableKeyPath<Section, Value>, _ codec: Codec<Value>, or synonyms: [String] = [],
    isRequired: Bool = false
  ) {
    self.init(
      key, codec, or: synonyms, isRequired: isRequired, get: { $0[keyPath: property] },
      set: { $0[keyPath: property] = $1 })
  }

  /// A key that holds one case of a property; `get` gives nil for the other cases.
  init<Value>(
    _ key: String, _ codec: Codec<Value>, or synonyms: [String] = [], isRequired: Bool = false,
    get: @escaping (Section) -> Value?, set: @escaping (inout Section, Value) -> Void
  ) {
    self.key = key
    self.synonyms = synonyms
    self.isRequired = isRequired
    read = { section, node, path, problems in
      if let value = codec.read(node, path, &problems) { set(&section, value) }
    }
    write = { get($0).flatMap(codec.write) }
    keys = [key] + codec.keys.map { $0.hasPrefix("[]") ? key + $0 : "\(key).\($0)" }
    exclusive = (synonyms.isEmpty ? [] : [Set([key] + synonyms)]) + codec.exclusive
  }
}

/// Keys of which a section has one, or at most one.
struct Alternatives {
  var keys: [String]
  var isRequired: Bool
}

extension Codec {
  /// A mapping of known keys.
  ///
  /// - Parameters:
  ///   - start: the section before reading; what is not written stays as it is here.
  ///   - check: rules between keys; it runs whatever was found, so it asks `Problems.isSound` first.
  static func section(
    _ start: Value, _ fields: [Field<Value>], alternatives: [Alternatives] = [],
    check: @escaping (Value, String, inout Problems) -> Void = { _, _, _ in }
  ) -> Codec {
    Codec(
      read: { node, path, problems in
        problems.visit(path, node)
        let before = problems.all.count
        guard let pairs = pairs(of: node, path, &problems) else { return nil }
        var section = start
        var given: Set<String> = []
        for (name, key, value) in pairs {
          guard let field = fields.first(where: { $0.key == name || $0.synonyms.contains(name) }) else {
            problems.unknown(name, path, key: key, known: fields.map(\.key))
            continue
          }
          if !given.insert(field.key).inserted {
            problems.add(
              join(path, field.key), mark: key.mark, found: "\(name) as well",
              rule: "\(([field.key] + field.synonyms).joined(separator: " and ")) are one key",
              repair: "keep one of them")
          }
          field.read(&section, value, join(path, field.key), &problems)
        }
        for field in fields where field.isRequired && !given.contains(field.key) {
          problems.add(join(path, field.key), rule: "the key is required", repair: "add \(field.key): …")
        }
        for choice in alternatives { problems.check(choice, given: given, path) }
        check(section, path, &problems)
        return problems.all.count == before ? section : nil
      },
      write: { section in
        Node(
          fields.compactMap { field in field.write(section).map { (Node(field.key, .implicit, .plain), $0) } },
          .implicit, .block)
      },
      keys: fields.flatMap(\.keys),
      exclusive: alternatives.map { Set($0.keys) } + fields.flatMap(\.exclusive))
  }

  /// The keys and values of a mapping; an empty value is a mapping without keys. Duplicate keys are noted.
  private static func pairs(
    of node: Node, _ path: String, _ problems: inout Problems
  ) -> [(name: String, key: Node, value: Node)]? {
    if node.isNull { return [] }
    guard case .mapping(let mapping) = node else {
      problems.add(
        path, found: node.shown, rule: "needed is a section of keys", repair: "write one \"key: value\" a line below it"
      )
      return nil
    }
    var pairs: [(name: String, key: Node, value: Node)] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        problems.add(path, mark: key.mark, found: key.shown, rule: "a key is a word", repair: "write key: value")
        continue
      }
      if name.hasPrefix(Document.duplicateSign) {
        let plain = String(name.drop { String($0) == Document.duplicateSign })
        let last = mapping.first { $0.key.scalar?.string == plain }
        let line = (key.mark?.line).map { ", first on line \($0)" } ?? ""
        problems.add(
          join(path, plain), mark: last?.key.mark ?? key.mark, found: "\(plain) again\(line)",
          rule: "a key is given once", repair: "keep one of them")
      } else {
        pairs.append((name, key, value))
      }
    }
    return pairs
  }
}

extension Problems {
  fileprivate mutating func unknown(_ name: String, _ path: String, key: Node, known: [String]) {
    if isFull { return add(path, rule: "the key is not known", repair: "") }
    let repair: String
    if let near = nearest(to: name, among: known) {
      repair = "did you mean \(near)?"
    } else if let elsewhere = Recipe.keys.first(where: { $0.hasSuffix(".\(name)") || $0 == name }) {
      repair = "\(elsewhere) is where it belongs"
    } else {
      repair = "known here are \(known.joined(separator: ", "))"
    }
    add(join(path, name), mark: key.mark, rule: "the key is not known", repair: repair)
  }

  fileprivate mutating func check(_ choice: Alternatives, given: Set<String>, _ path: String) {
    let chosen = choice.keys.filter(given.contains)
    let keys = choice.keys.joined(separator: " or ")
    if chosen.count > 1 {
      add(
        path, found: chosen.joined(separator: " and "),
        rule: "\(choice.isRequired ? "exactly" : "at most") one of \(keys) is allowed",
        repair: "keep one of them")
    } else if choice.isRequired, chosen.isEmpty {
      add(path, found: "none of them", rule: "\(keys) is required", repair: "add \(choice.keys[0]): …")
    }
  }
}
