import ArgumentParser
import Checkpointing
import ModelFiles
import RecipeFormat
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Runs a curriculum: stage by stage, saved all along.",
    discussion: """
      Everything goes into one folder: recipe.yaml (every default written out), checkpoints/, metrics.jsonl,
      tensorboard/ and evaluation.jsonl. Ctrl-C finishes the step, saves and exits with code 4; extend resume goes on
      with the same bits. A gate of a stage that fails stops the run with code 5, everything saved, or repeats the stage
      as often as the recipe says.

        extend train --recipe quickstart
        extend train --recipe smollm2-32k --model SmolLM2.gguf --data chats.json --output runs/night
        extend train --recipe quickstart --set stages[0].steps=5

      A stage that would not fit into memory spills: what waits for the backward pass goes to a scratch file, written and
      read while other layers compute. The bits are the same. memory and optimizer.state in the recipe say more.
      """)

  @Option(help: "A recipe file, or the name of a built-in recipe (extend recipes).") var recipe: String
  @Option(help: "The model to start from (a GGUF file or a Hugging Face folder); overrides the recipe's.")
  var model: String?
  @Option(
    help: "Conversations or plain text, in any format that extend data reads; overrides the recipe's. Repeatable.")
  var data: [String] = []
  @Option(help: "The run's folder. (default: runs/NAME, or runs/NAME-2 and so on)") var output: String?
  @Option(name: .customLong("set"), help: "Override one value: path=value, such as stages[1].steps=10. Repeatable.")
  var overrides: [String] = []
  @OptionGroup var options: RunOptions

  func run() throws {
    try options.run {
      var recipe = try effectiveRecipe()
      let file = try ModelFile(startOf: recipe)
      try recipe.recordDate(of: file)
      if recipe.data.paths.isEmpty { throw UsageError("\(recipe.name) names no data; give some with --data FILE") }
      let plan = try TrainingPlan(recipe, for: file.configuration, memory: Machine.usableMemory)
      Console.print(ModelSummary(file).text)
      let summary = try PlanSummary(plan, recipe, options.cache, scratchFolder: options.scratch.scratch)
      Console.print("\n" + summary.text + "\n")
      plan.noteRemarks()
      if !summary.fits { throw UsageError(summary.remedy) }
      let run = try RunFolder.start(
        at: output ?? Self.freeFolder(recipe.name), recipe: Self.recipeText(recipe, self.recipe))
      Console.print("run         \(run.folder.path)")
      do {
        // A disk without room is found now, not when the data have been read.
        _ = try options.scratch.file(for: plan, in: run.folder.path)
        var curriculum = try CurriculumRun(beginning: recipe, from: file, cacheFolder: options.cache.folder)
        (curriculum.costs, curriculum.scratch) = (summary.costs, options.scratch)
        return try curriculum.begin(with: file, in: run)
      } catch {
        run.abandon()
        throw error
      }
    }
  }

  /// The recipe with overrides, absolute paths, and what the command line names.
  private func effectiveRecipe() throws -> Recipe {
    var recipe = try Recipe.load(recipe).applying(overrides: overrides)
    let search = SearchPath(recipe: self.recipe)
    if let model = model ?? recipe.model { recipe.model = try search.find(model, "model") }
    recipe.data.paths = try (data.isEmpty ? recipe.data.paths : data).map { try search.find($0, "data file") }
    recipe.evaluation.texts = try recipe.evaluation.texts.map { try search.find($0, "text") }
    if let template = recipe.data.template, template.contains("/") || template.contains(".") {
      recipe.data.template = try search.find(template, "chat template")
    }
    return recipe
  }

  private static func recipeText(_ recipe: Recipe, _ source: String) -> String {
    "# The effective recipe of this run, every default written out; from \(source).\n" + recipe.effectiveYAML
  }

  private static func freeFolder(_ name: String) -> String {
    let first = "runs/\(name)"
    if !RunFolder(first).isBegun { return first }
    return (2...).lazy.map { "\(first)-\($0)" }.first { !RunFolder($0).isBegun } ?? first
  }
}

extension ModelFile {
  /// The model that a recipe starts from.
  init(startOf recipe: Recipe) throws {
    guard let path = recipe.model else {
      throw UsageError(
        "\(recipe.name) names no model; give one with --model MODEL.gguf or --model FOLDER, or as model: in the recipe")
    }
    try self.init(path: path)
  }
}
