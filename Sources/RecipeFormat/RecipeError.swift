/// One thing that is wrong with a recipe.
public struct RecipeProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where in the recipe: `stages[1].context`; empty for the file as a whole.
  public var path: String
  /// Where in the text, or which `--set`: `line 31, column 14`; nil if the value is not written anywhere.
  public var place: String?
  /// The value as it is written; nil if it is missing.
  public var found: String?
  /// What is required there.
  public var rule: String
  /// How to repair it.
  public var repair: String

  public init(path: String, place: String? = nil, found: String? = nil, rule: String, repair: String) {
    self.path = path
    self.place = place
    self.found = found
    self.rule = rule
    self.repair = repair
  }

  public var description: String {
    var text = path.isEmpty ? "" : "\(path): "
    if let found { text += "found \(found); " }
    text += "\(rule) — \(repair)"
    return place.map { "\($0): \(text)" } ?? text
  }
}

/// Every problem of a recipe, at once.
public struct RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's path, the built-in recipe's name, or what else was read.
  public var source: String
  /// In the order of the text.
  public var problems: [RecipeProblem]

  public init(source: String, problems: [RecipeProblem]) {
    self.source = source
    self.problems = problems
  }

  public var description: String {
    let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
    return "\(source): \(count)\n" + problems.map { "  \($0)" }.joined(separator: "\n")
  }
}
