import ArgumentParser
import Benchmark
import Kernels
import LlamaModel
import RecipeFormat
import Training

/// How the training steps of `bench` keep what they need, as recipes say it.
struct StepMemoryOptions: ParsableArguments {
  @Option(help: "Where what backward needs waits for it: ram or spill, as memory.activations.") var activations = "ram"
  @Option(help: "Of what waits: fp32 or bf16, as memory.storage.") var storage = "fp32"
  @Option(help: "How moments are kept: fp32 or 8bit, as optimizer.state.") var state = "fp32"
  @Option(help: "Folder of the scratch file of steps that spill. (default: this one)") var scratch: String?

  mutating func validate() throws {
    guard ["ram", "spill"].contains(activations) else {
      throw ValidationError("--activations must be ram or spill, got \(activations)")
    }
    guard Precision(rawValue: storage) != nil else {
      throw ValidationError("--storage must be fp32 or bf16, got \(storage)")
    }
    guard OptimizerRecipe.State(rawValue: state) != nil else {
      throw ValidationError("--state must be fp32 or 8bit, got \(state)")
    }
  }

  var recipe: MemoryRecipe {
    MemoryRecipe(activations: activations == "spill" ? .spill : .ram, storage: Precision(rawValue: storage) ?? .fp32)
  }
  var optimizerState: OptimizerRecipe.State { OptimizerRecipe.State(rawValue: state) ?? .fp32 }

  /// The same on another process's command line.
  var arguments: [String] {
    ["--activations", activations, "--storage", storage, "--state", state] + (scratch.map { ["--scratch", $0] } ?? [])
  }

  /// A step as the trainer runs it.
  func stage(
    _ configuration: LlamaConfiguration, length: Int, _ precision: Precision
  ) throws -> TrainingPlan.Stage {
    try StepTime.plan(configuration, length: length, precision: precision, recipe, optimizerState).stages[0]
  }
}
