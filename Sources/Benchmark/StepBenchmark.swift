public import Kernels
public import LlamaModel
import Metrics
public import RecipeFormat
import ScratchStorage
public import Training

/// Whole training steps, timed: forward, backward, gradient norm and AdamW over one sequence of random tokens.
public struct StepTime: Codable, Equatable, Sendable {
  public var length: Int
  public var precision: Precision
  /// Seconds of each step, in order; the first also touches memory for the first time.
  public var steps: [Double]
  /// Floating-point operations of the mathematics of a step; see `FLOPCount.model`.
  public var modelFLOPs: Double
  /// The most memory the process ever had.
  public var peakRSSBytes: Int
  /// Bytes that a step wrote to disk for want of memory.
  public var spilledBytes: Int

  public init(
    length: Int, precision: Precision, steps: [Double], modelFLOPs: Double, peakRSSBytes: Int, spilledBytes: Int = 0
  ) {
    (self.length, self.precision, self.steps, self.modelFLOPs) = (length, precision, steps, modelFLOPs)
    (self.peakRSSBytes, self.spilledBytes) = (peakRSSBytes, spilledBytes)
  }

  /// Of the fastest step.
  public var seconds: Double { max(steps.min() ?? .infinity, 1e-9) }
  public var tokensPerSecond: Double { Double(length) / seconds }
  public var flopsPerSecond: Double { modelFLOPs / seconds }

  /// Trains random weights for some steps. The figure of memory is this process's: it should do nothing else.
  ///
  /// Every token is labelled, so that the whole of `FLOPCount.model` is computed.
  ///
  /// - Parameters:
  ///   - memory: where and how activations are kept, and the form of the moments.
  ///   - scratchFolder: for settings that spill.
  /// - Throws: `RecipeError` and `TrainingError`, neither of which is to be expected; `ScratchError`.
  public static func measured(
    _ configuration: LlamaConfiguration, length: Int, precision: Precision, steps: Int,
    _ memory: MemoryRecipe = MemoryRecipe(activations: .ram), _ state: OptimizerRecipe.State = .fp32,
    scratchFolder: String = "."
  ) throws -> StepTime {
    let plan = try plan(configuration, length: length, precision: precision, steps: steps, memory, state)
    var model = Llama(noiseFor: configuration)
    model.precision = precision
    let optimizer = AdamW(AdamW.Settings(hasEightBitState: state == .eightBit), for: model)
    let scratch = plan.scratchBytes > 0 ? try ScratchFile(in: scratchFolder, byteCount: plan.scratchBytes) : nil
    var state = TrainingState(model: consume model, optimizer: optimizer), seconds: [Double] = [], spilled = 0
    try Trainer(plan, clipGradNorm: 1, scratch: scratch).run(
      &state,
      sequences: { _, index in
        randomTokens(length, below: configuration.vocabularySize, seed: UInt64(index))
      }
    ) { event, _ in
      if case .step(let report) = event {
        seconds.append(report.seconds)
        spilled = report.spilledBytes
      }
      return .proceed
    }
    return StepTime(
      length: length, precision: precision, steps: seconds,
      modelFLOPs: FLOPCount(configuration, sequenceLength: length).model,
      peakRSSBytes: ProcessMemory.peakResidentBytes() ?? 0, spilledBytes: spilled)
  }

  /// What the trainer is given: one stage of one sequence a step, with every token labelled.
  public static func plan(
    _ configuration: LlamaConfiguration, length: Int, precision: Precision, steps: Int = 1, _ memory: MemoryRecipe,
    _ state: OptimizerRecipe.State
  ) throws(RecipeError) -> TrainingPlan {
    let stage = StageRecipe(
      name: "bench", context: length, rope: .unchanged, length: .steps(steps), learningRate: 1e-5)
    return try TrainingPlan(
      Recipe(
        name: "bench", data: DataRecipe(labels: .all), precision: precision, optimizer: OptimizerRecipe(state: state),
        memory: memory, stages: [stage]), for: configuration)
  }
}
