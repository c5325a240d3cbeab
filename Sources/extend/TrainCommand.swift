import ArgumentParser
import Checkpointing
import Corpus
import Foundation
import Kernels
import LlamaModel
import ModelFiles
import RecipeFormat
import Tokenization
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Runs a curriculum: stage by stage, saved all along.",
    discussion: """
      Everything goes into one folder: recipe.yaml (every default written out), checkpoints/, metrics.jsonl,
      tensorboard/ and evaluation.jsonl. Ctrl-C finishes the step, saves and exits with code 4; extend resume goes on
      with the same bits.

        extend train --recipe quickstart
        extend train --recipe smollm2-32k --model SmolLM2.gguf --data chats.json --output runs/night
        extend train --recipe quickstart --set stages[0].steps=5
      """)

  @Option(help: "A recipe file, or the name of a built-in recipe (extend recipes).") var recipe: String
  @Option(help: "The model to start from (GGUF); overrides the recipe's.") var model: String?
  @Option(help: "Conversations: ShareGPT or OpenAI JSON or JSON lines; overrides the recipe's. Repeatable.")
  var data: [String] = []
  @Option(help: "The run's folder. (default: runs/NAME, or runs/NAME-2 and so on)") var output: String?
  @Option(name: .customLong("set"), help: "Override one value: path=value, such as stages[1].steps=10. Repeatable.")
  var overrides: [String] = []
  @Option(help: "Where encoded data is kept for the next run. (default: ~/.cache/extend)") var cache: String?
  @OptionGroup var machine: MachineOptions

  func run() throws {
    try reportingFailures {
      Interruption.listen()
      machine.apply()
      let recipe = try effectiveRecipe()
      guard let path = recipe.model else {
        throw UsageError("\(recipe.name) names no model; give one with --model MODEL.gguf")
      }
      if recipe.data.paths.isEmpty { throw UsageError("\(recipe.name) names no data; give some with --data FILE") }
      let file = try ModelFile(path: path), plan = try TrainingPlan(recipe, for: file.configuration)
      Console.print(ModelSummary(file).text)
      let summary = PlanSummary(plan, recipe, rate: PlanSummary.measuredRate())
      Console.print("\n" + summary.text + "\n")
      if !summary.fits { throw UsageError(summary.remedy) }
      let run = try RunFolder.start(
        at: output ?? Self.freeFolder(recipe.name), recipe: Self.recipeText(recipe, self.recipe))
      Console.print("run         \(run.folder.path)")
      do {
        return try begin(run, recipe, file, cache: cacheFolder(cache))
      } catch let stop as ExitCode {
        throw stop
      } catch {
        run.withdraw()
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

/// Where encoded data is kept.
func cacheFolder(_ option: String?) -> String {
  if let option { return option }
  let environment = ProcessInfo.processInfo.environment
  if let base = environment["XDG_CACHE_HOME"], !base.isEmpty { return base + "/extend" }
  return FileManager.default.homeDirectoryForCurrentUser.path + "/.cache/extend"
}

/// A run from its very beginning.
func begin(_ run: borrowing LockedRun, _ recipe: Recipe, _ file: ModelFile, cache: String) throws -> Outcome {
  let tokenizer = try tokenizer(of: file), template = try templateText(recipe)
  let data = try TrainingData(recipe, tokenizer: tokenizer, template: template, cacheFolder: cache)
  Console.print("\(data.corpus.report)")
  let identity = RunIdentity(
    recipe: recipe, configuration: file.configuration, source: file.metadata,
    template: template ?? file.tokenizer.chatTemplate ?? "", dataFingerprint: data.corpus.cache.fingerprint)
  var curriculum = CurriculumRun(folder: run.folder, identity: identity, tokenizer: tokenizer, data: data)
  var state = try beginning(file, recipe)
  return try curriculum.carryOn(&state)
}

/// The state before the first step.
private func beginning(_ file: ModelFile, _ recipe: Recipe) throws -> TrainingState {
  let model = try file.load()
  return TrainingState(model: model, optimizer: AdamW(AdamW.Settings(recipe.optimizer), for: model))
}
