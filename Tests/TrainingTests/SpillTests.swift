import Kernels
import LlamaModel
import RecipeFormat
import ScratchStorage
import TensorCore
import TestSupport
import Testing
import Training

/// What waits for backward, on disk and rounded.
struct SpillTests {
  static func plan(
    _ activations: MemoryRecipe.Activations, _ storage: Precision = .fp32, for model: Llama, memory: Int = .max
  ) throws -> TrainingPlan {
    try TrainingPlan(
      Recipe(
        name: "test", memory: MemoryRecipe(activations: activations, storage: storage),
        stages: [
          .stage("short", context: 300, steps: 2, learningRate: 1e-2),
          .stage("long", context: 700, rope: .theta(.number(80_000)), steps: 2, learningRate: 1e-2),
        ]), for: model.configuration, memory: memory)
  }

  /// Bits, losses and norms of a whole run.
  static func run(
    _ plan: TrainingPlan, _ model: Llama
  ) throws -> (bits: [[UInt32]], losses: [Double], norms: [Double], spilled: [Int]) {
    try withTemporaryDirectory { folder in
      var state = TrainingState.start(model)
      let scratch = try ScratchFile(in: folder, byteCount: plan.scratchBytes)
      let reports = try Trainer(plan, clipGradNorm: 1, scratch: scratch).reports(&state)
      return (state.bits, reports.map(\.loss), reports.map(\.gradientNorm), reports.map(\.spilledBytes))
    }
  }

  @Test(arguments: [Precision.fp32, .bf16])
  func `spilling changes no bit, with any number of threads`(storage: Precision) throws {
    let model = Llama.random(.tiny())
    let expected = try Self.run(Self.plan(.ram, storage, for: model), model)
    #expect(expected.spilled == [0, 0, 0, 0])
    let plan = try Self.plan(.spill, storage, for: model)
    #expect(plan.stages.allSatisfy { $0.memory.spills && $0.blocksKeepingActivations == 0 })
    let runs = try withThreadCounts { try Self.run(plan, model) }
    for found in runs {
      #expect(found.bits == expected.bits)
      #expect(found.losses == expected.losses)
      #expect(found.norms == expected.norms)
      #expect(found.spilled.allSatisfy { $0 > 0 })
    }
  }

  @Test func `bfloat16 changes gradients a little and the first loss not at all`() throws {
    let model = Llama.random(.tiny())
    let exact = try Self.run(Self.plan(.ram, for: model), model)
    let rounded = try Self.run(Self.plan(.ram, .bf16, for: model), model)
    #expect(rounded.losses[0] == exact.losses[0])
    #expect(rounded.bits != exact.bits)
    for (a, b) in zip(rounded.norms, exact.norms) { #expect(abs(a / b - 1) < 0.02, "\(a) \(b)") }
    for (a, b) in zip(rounded.losses, exact.losses) { #expect(abs(a / b - 1) < 0.01, "\(a) \(b)") }
  }

  @Test func `a plan spills what would not fit, reads ahead where that fits, and names what it needs`() throws {
    let configuration = MemoryTests.long, context = 16_384
    func stage(_ activations: MemoryRecipe.Activations, memory: Int) throws -> TrainingPlan.Stage {
      let recipe = Recipe(
        name: "test", memory: MemoryRecipe(activations: activations), stages: [.stage(context: context, steps: 1)])
      return try TrainingPlan(recipe, for: configuration, memory: memory).stages[0]
    }
    let inMemory = try stage(.auto, memory: .max)
    #expect(inMemory.memory.place == .memory && inMemory.estimate.scratch == 0)
    let ahead = try stage(.auto, memory: inMemory.estimate.peak - 1)
    #expect(ahead.memory.place == .scratch(readsAhead: true))
    #expect(ahead.estimate.peak < inMemory.estimate.peak)
    let layer = MemoryEstimate.savedBytes(configuration, sequenceLength: context, ahead.memory)
    #expect(ahead.estimate.scratch == configuration.layerCount * layer)
    let short = try stage(.auto, memory: ahead.estimate.peak - 1)
    #expect(short.memory.place == .scratch(readsAhead: false))
    func blocks(_ stage: TrainingPlan.Stage) -> Int { stage.estimate.peak - stage.estimate.program }
    #expect(blocks(short) == blocks(ahead) - layer)
    #expect(try stage(.ram, memory: 1).memory.place == .memory)
    #expect(try stage(.spill, memory: .max).memory.place == .scratch(readsAhead: true))
  }

  @Test func `a file that fails stops the run before the step is applied`() throws {
    let model = Llama.random(.tiny()), plan = try Self.plan(.spill, for: model)
    try withTemporaryDirectory { folder in
      let scratch = try ScratchFile(in: folder, byteCount: plan.scratchBytes)
      let store = scratch.store(.fp32, readAhead: 0, writeBehind: 0)
      var state = TrainingState.start(model), before: [[UInt32]] = [], steps = 0, kept: Tensor?
      let error = #expect(throws: ScratchError.self) {
        try Trainer(plan, clipGradNorm: 1, scratch: scratch).run(&state, sequences: randomSequence) { event, state in
          guard case .step = event else { return .proceed }
          (before, steps) = (state.bits, state.position.step)
          if kept == nil {
            // Somebody else fills the file.
            kept = Tensor(zeros: Shape(1, plan.scratchBytes / 8)).recomputed(in: store, hasParameters: true) { x, _ in x
            }
          }
          return .proceed
        }
      }
      #expect(error?.message.contains("in use") == true)
      #expect(state.bits == before)
      #expect(state.position.step == steps && steps > 0 && steps < 4)
    }
  }
}
