import Yams

extension Recipe {
  /// The recipe with some values replaced: `stages[1].steps=10`, `optimizer.weight_decay=0`,
  /// `stages[0].rope={theta: critical}`. The value is YAML.
  ///
  /// A key that stands for one of several (`steps` or `tokens`; `theta`, `linear`, `yarn`, …) takes the place of the
  /// other.
  ///
  /// - Throws: `RecipeError` with every problem of all the overrides.
  public func applying(overrides: [String]) throws(RecipeError) -> Recipe {
    var root = tree
    var texts: [String: String] = [:]
    var problems: [RecipeProblem] = []
    for text in overrides {
      do throws(RecipeProblem) {
        let override = try Override(text)
        try override.apply(to: &root)
        texts[override.path] = text
      } catch {
        problems.append(error)
      }
    }
    do throws(RecipeError) {
      let recipe = try Recipe(root, source: name, overrides: texts)
      if problems.isEmpty { return recipe }
      throw RecipeError(source: name, problems: problems)
    } catch {
      let more = error.problems.filter { !problems.contains($0) }
      throw RecipeError(source: "--set", problems: problems + more)
    }
  }
}

/// `path=value`, taken apart.
private struct Override {
  enum Step: Equatable {
    case key(String)
    case index(Int)
  }
  let text: String
  let path: String
  let steps: [Step]
  let value: Node

  init(_ text: String) throws(RecipeProblem) {
    self.text = text
    let place = "--set \(text)"
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      throw RecipeProblem(
        path: "", place: place, rule: "an override is path=value", repair: "write for example stages[1].steps=10")
    }
    path = String(text[..<equals]).trimmingSpaces
    steps = try Self.steps(of: path, place: place)
    let yaml = String(text[text.index(after: equals)...])
    guard yaml.contains(where: { !$0.isWhitespace }) else {
      throw RecipeProblem(path: path, place: place, rule: "the value is missing", repair: "write \(path)=null for none")
    }
    do throws(RecipeProblem) {
      value = try Document.root(of: yaml)
    } catch {
      throw RecipeProblem(path: path, place: place, found: error.found, rule: error.rule, repair: error.repair)
    }
  }

  /// `stages[1].steps` as key, index, key.
  private static func steps(of path: String, place: String) throws(RecipeProblem) -> [Step] {
    var steps: [Step] = []
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      if let name = pieces.first, !name.isEmpty {
        if let index = Int(name), !steps.isEmpty {
          steps.append(.index(index))
        } else {
          steps.append(.key(String(name)))
        }
      }
      let indices = pieces.dropFirst().map { $0.hasSuffix("]") ? Int($0.dropLast()) : nil }
      guard part.first != nil, part.first != "[", !indices.contains(nil) else {
        throw RecipeProblem(
          path: path, place: place, rule: "a path is keys with dots between, and list indices in brackets",
          repair: "write for example stages[1].steps=10")
      }
      steps += indices.compactMap { $0 }.map { .index($0) }
    }
    return steps
  }

  func apply(to root: inout Node) throws(RecipeProblem) {
    try set(&root, steps[...], at: "")
  }

  private func set(_ node: inout Node, _ rest: ArraySlice<Step>, at path: String) throws(RecipeProblem) {
    guard let step = rest.first else {
      node = value
      return
    }
    switch step {
    case .index(let index):
      guard case .sequence(var sequence) = node else {
        throw problem("\(path) is not a list", repair: "leave out the [\(index)]")
      }
      guard sequence.indices.contains(index) else {
        throw problem(
          "\(path) has \(sequence.count) entries", repair: "use an index from 0 to \(max(0, sequence.count - 1))")
      }
      try set(&sequence[index], rest.dropFirst(), at: "\(path)[\(index)]")
      node = .sequence(sequence)
    case .key(let key):
      if case .sequence(let sequence) = node {
        throw problem("\(path) is a list of \(sequence.count)", repair: "write \(path)[0].\(key)=… for the first")
      }
      // A scalar in the way (`rope: unchanged`, `passkey: null`) gives way to a section.
      var pairs = node.mapping.map { Array($0) } ?? []
      let excluded = Recipe.codec.exclusive.filter { $0.contains(key) }.reduce(into: Set()) { $0.formUnion($1) }
      pairs.removeAll { pair in
        let name = pair.key.scalar?.string ?? ""
        return name != key && excluded.contains(name)
      }
      let index = pairs.firstIndex { $0.key.scalar?.string == key } ?? pairs.endIndex
      if index == pairs.endIndex { pairs.append((Node(key, .implicit, .plain), .emptySection)) }
      try set(&pairs[index].value, rest.dropFirst(), at: join(path, key))
      node = Node(pairs.map { ($0.key, $0.value) })
    }
  }

  private func problem(_ rule: String, repair: String) -> RecipeProblem {
    RecipeProblem(path: path, place: "--set \(text)", rule: rule, repair: repair)
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
