import Yams

extension Recipe {
  /// Reads a recipe.
  ///
  /// - Parameter source: what messages call the text: a path or a name.
  /// - Throws: `RecipeError` with every problem of the text.
  public init(yaml: String, source: String = "recipe") throws(RecipeError) {
    let root: Node
    do throws(RecipeProblem) {
      root = try Document.root(of: yaml)
    } catch {
      throw RecipeError(source: source, problems: [error])
    }
    try self.init(root, source: source)
  }

  /// Reads a recipe from a tree.
  ///
  /// - Parameter overrides: paths whose values come from `--set`, with the text of it.
  init(_ root: Node, source: String, overrides: [String: String] = [:]) throws(RecipeError) {
    var problems = Problems()
    problems.overrides = overrides
    let recipe = Recipe.codec.read(root, "", &problems)
    guard let recipe, problems.all.isEmpty else { throw RecipeError(source: source, problems: problems.report) }
    self = recipe
  }

  /// Every key a recipe can have, `stages[].rope.yarn.factor` for example, in the order of `effectiveYAML`.
  public static var keys: [String] { codec.keys }

  static var codec: Codec<Recipe> {
    .section(
      Recipe(name: "", stages: []),
      [
        Field("name", \.name, .name, isRequired: true),
        Field("model", \.model, Codec.text.orNull, or: ["base_model", "model_name_or_path"]),
        Field("data", \.data, DataRecipe.codec),
        Field("seed", \.seed, .count(0...Int.max)),
        Field("precision", \.precision, .word, or: ["dtype"]),
        Field("optimizer", \.optimizer, OptimizerRecipe.codec),
        Field("memory", \.memory, MemoryRecipe.codec),
        Field("stages", \.stages, StageRecipe.codec.list(1...1000, check: checkNames), isRequired: true),
        Field("checkpoints", \.checkpoints, CheckpointRecipe.codec),
        Field("evaluation", \.evaluation, EvaluationRecipe.codec),
        Field("limits", \.limits, LimitRecipe.codec),
      ], check: check)
  }

  private static func checkNames(
    _ stages: [(index: Int, value: StageRecipe)], _ path: String, _ problems: inout Problems
  ) {
    var first: [String: Int] = [:]
    for (index, stage) in stages {
      if let other = first[stage.name] {
        problems.add(
          "\(path)[\(index)].name", found: "\"\(stage.name)\"", rule: "\(path)[\(other)] has this name already",
          repair: "give each stage its own name")
      } else {
        first[stage.name] = index
      }
    }
  }

  private static func check(_ recipe: Recipe, _ path: String, _ problems: inout Problems) {
    let keys = ["data.held_out", "evaluation.held_out_sequences"]
    if keys.allSatisfy({ problems.isSound($0) }), recipe.data.heldOut == 0, recipe.evaluation.heldOutSequences > 0 {
      problems.add(
        "evaluation.held_out_sequences", found: "\(recipe.evaluation.heldOutSequences)",
        rule: "data.held_out is 0, so there is nothing to take them from",
        repair: "write 0, or hold out a share of the data")
    }
    checkTexts(recipe, &problems)
  }

  /// Perplexities need texts: the user's, or data held out.
  private static func checkTexts(_ recipe: Recipe, _ problems: inout Problems) {
    guard ["data.held_out", "evaluation.texts", "stages"].allSatisfy({ problems.isSound($0) }),
      recipe.data.heldOut == 0, recipe.evaluation.texts.isEmpty
    else { return }
    for (number, stage) in recipe.stages.enumerated() {
      for (index, gate) in stage.gates.enumerated() where gate.measuresTexts {
        problems.add(
          "stages[\(number)].gates[\(index)].\(gate.name)", found: gate.demand,
          rule: "data.held_out is 0 and evaluation.texts is empty, so there is no text to measure",
          repair: "name a text file in evaluation.texts, or hold out a share of the data")
      }
    }
  }
}
