import Yams

extension Recipe {
  /// The recipe with every default written out; reading it gives an equal value.
  public var effectiveYAML: String {
    // A tree that the codecs wrote has nothing the emitter can refuse.
    (try? Yams.serialize(node: tree, indent: 2, width: -1, allowUnicode: true)) ?? canonicalText
  }

  /// One line `path: value` for every value, in a fixed order: equal recipes, and only they, have equal texts.
  public var canonicalText: String {
    flattened.map { "\($0.path): \($0.value)\n" }.joined()
  }

  /// What differs from `base`, by path.
  public func diff(from base: Recipe) -> [RecipeChange] {
    let (before, after) = (base.flattened, flattened)
    let (old, new) = (Dictionary(before) { $1 }, Dictionary(after) { $1 })
    let removed = before.filter { new[$0.path] == nil }.map { RecipeChange(path: $0.path, from: $0.value, to: nil) }
    let changed = after.compactMap { path, value in
      old[path] == value ? nil : RecipeChange(path: path, from: old[path], to: value)
    }
    return removed + changed
  }

  /// The recipe as a tree without places.
  var tree: Node { Recipe.codec.write(self) ?? .emptySection }

  private var flattened: [(path: String, value: String)] {
    var lines: [(path: String, value: String)] = []
    func visit(_ node: Node, _ path: String) {
      switch node {
      case .mapping(let mapping):
        for (key, value) in mapping { visit(value, join(path, key.scalar?.string ?? "")) }
      case .sequence(let sequence):
        if sequence.isEmpty { lines.append((path, "[]")) }
        for (index, element) in sequence.enumerated() { visit(element, "\(path)[\(index)]") }
      case .scalar(let scalar):
        lines.append((path, scalar.style == .doubleQuoted ? Self.quoted(scalar.string) : scalar.string))
      case .alias: break
      }
    }
    visit(tree, "")
    return lines
  }

  /// Text in quotes on one line, so that no text can look like another line.
  private static func quoted(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 32 || scalar.value == 127: result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return "\"\(result)\""
  }
}

/// One value that two recipes do not share.
public struct RecipeChange: Equatable, Sendable, CustomStringConvertible {
  /// Where: `stages[1].steps`.
  public var path: String
  /// The value before; nil if there was none.
  public var from: String?
  /// The value now; nil if there is none.
  public var to: String?

  public init(path: String, from: String?, to: String?) {
    self.path = path
    self.from = from
    self.to = to
  }

  public var description: String {
    switch (from, to) {
    case (let from?, let to?): "\(path): \(from) → \(to)"
    case (nil, let to?): "\(path): \(to), newly"
    case (let from?, nil): "\(path): no longer \(from)"
    case (nil, nil): "\(path): no change"
    }
  }
}
