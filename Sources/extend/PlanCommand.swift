import ArgumentParser
import ModelFiles
import RecipeFormat
import Training

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Shows stages, tokens, operations, memory, disk and hours before anything runs.",
    discussion: """
      Only headers are read. Hours follow from what the parts of a training step cost on this machine: products,
      attention, loss, optimizer. They are measured once for each shape of model, precision and number of threads, for
      some seconds, and kept in the cache folder. Stages that would not fit into memory spill to a scratch file; the plan
      says how much, and its time counts what the disk, measured then, cannot do while layers compute. The column
      measuring is what the recipe's measurements and gates take besides.
      """)

  @Option(help: "A recipe file, or the name of a built-in recipe.") var recipe: String
  @Option(help: "The model (a GGUF file or a Hugging Face folder); overrides the recipe's.") var model: String?
  @Option(name: .customLong("set"), help: "Override one value: path=value. Repeatable.") var overrides: [String] = []
  @Option(help: "The folder where a run that spills would do so; its disk is measured. (default: this one)")
  var scratch: String?
  @Flag(help: "Measure this machine again, although it was measured before.") var calibrate = false
  @OptionGroup var cache: CacheOptions
  @OptionGroup var machine: MachineOptions

  func run() throws {
    try reportingFailures {
      machine.apply()
      var recipe = try Recipe.load(recipe).applying(overrides: overrides)
      if let name = model ?? recipe.model { recipe.model = try SearchPath(recipe: self.recipe).find(name, "model") }
      let file = try ModelFile(startOf: recipe)
      let plan = try TrainingPlan(recipe, for: file.configuration, memory: Machine.usableMemory)
      let summary = try PlanSummary(
        plan, recipe, cache, scratchFolder: scratch, measuresAnew: calibrate)
      Console.print(ModelSummary(file).text)
      Console.print()
      Console.print(summary.text)
      plan.noteRemarks()
      return summary.fits ? .done : .usage
    }
  }
}
