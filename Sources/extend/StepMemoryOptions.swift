public import ArgumentParser
import Benchmark
import Kernels
import LlamaModel
public import RecipeFormat
import Training

/// How the training steps of `bench` keep what they need, as recipes say it.
struct StepMemoryOptions: ParsableArguments {
  enum Place: String, CaseIterable, ExpressibleByArgument {
    case ram, spill
  }
  @Option(help: "Where what backward needs waits for it, as memory.activations.") var activations = Place.ram
  @Option(help: "Of what waits, as memory.storage.") var storage = Precision.fp32
  @Option(help: "How moments are kept, as optimizer.state.") var state = OptimizerRecipe.State.fp32
  @Option(help: "Folder of the scratch file of steps that spill. (default: this one)") var scratch: String?

  var recipe: MemoryRecipe {
    MemoryRecipe(activations: activations == .spill ? .spill : .ram, storage: storage)
  }

  /// The same on another process's command line.
  var arguments: [String] {
    ["--activations", activations.rawValue, "--storage", storage.rawValue, "--state", state.rawValue]
      + (scratch.map { ["--scratch", $0] } ?? [])
  }

  /// A step as the trainer runs it.
  func stage(
    _ configuration: LlamaConfiguration, length: Int, _ precision: Precision
  ) throws -> TrainingPlan.Stage {
    try StepTime.plan(configuration, length: length, precision: precision, recipe, state).stages[0]
  }
}

extension OptimizerRecipe.State: ExpressibleByArgument {}
