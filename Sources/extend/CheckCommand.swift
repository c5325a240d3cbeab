import ArgumentParser
import ModelFiles
import RecipeFormat
import Training

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Reports every problem of a recipe at once.",
    discussion: "With a model, also whether its positions can be changed as the stages say.")

  @Argument(help: "A recipe file, or the name of a built-in recipe.") var recipe: String
  @Option(name: .customLong("set"), help: "Override one value: path=value, such as stages[1].steps=10. Repeatable.")
  var overrides: [String] = []
  @Option(help: "The model to check the stages against.") var model: String?

  func run() throws {
    try reportingFailures {
      let recipe = try Recipe.load(recipe).applying(overrides: overrides)
      if let model { try TrainingPlan(recipe, for: ModelFile(path: model).configuration).noteRemarks() }
      let stages = recipe.stages.count == 1 ? "1 stage" : "\(recipe.stages.count) stages"
      Console.print("\(recipe.name): well-formed, \(stages), longest context \(recipe.longestContext)")
      for stage in recipe.stages { if let gates = stage.gateSummary { Console.print("  \(gates)") } }
      return .done
    }
  }
}
