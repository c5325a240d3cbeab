public import Kernels
public import LlamaModel
public import RecipeFormat

/// A recipe applied to a model: what each stage does, in numbers.
public struct TrainingPlan: Sendable {
  /// One stage, with the positions it trains.
  public struct Stage: Sendable {
    public var index: Int
    public var recipe: StageRecipe
    public var rope: RoPEDescription
    /// How many blocks keep their activations instead of computing them again.
    public var blocksKeepingActivations: Int
    /// What decides how much memory a step takes, the place of activations among it.
    public var memory: MemorySettings
    /// What a step takes.
    public var estimate: MemoryEstimate
    /// Floating-point operations of one optimizer step, as this trainer does them.
    public var flopsPerStep: Double
  }

  /// The model before the first stage.
  public let configuration: LlamaConfiguration
  public let stages: [Stage]
  /// Bytes the program may take, here or by the recipe.
  public let limit: Int

  /// - Parameter memory: bytes above which stages spill, where the recipe leaves it to the plan and sets no limit.
  /// - Throws: `RecipeError` when a stage's change of positions cannot be applied to the model.
  public init(
    _ recipe: Recipe, for configuration: LlamaConfiguration, memory: Int = .max, threads: Int = Parallel.threadCount
  ) throws(RecipeError) {
    self.configuration = configuration
    let limit = recipe.limits.memory ?? memory
    self.limit = limit
    let positions = try recipe.positions(startingFrom: configuration.rope, headSize: configuration.headSize)
    stages = zip(recipe.stages, positions).enumerated().map { index, pair in
      let (settings, estimate) = Self.place(recipe, pair.0, configuration, limit: limit, threads: threads)
      let kept = MemoryEstimate.blocksKeepingActivations(configuration, sequenceLength: pair.0.context, settings)
      let flops = FLOPCount(configuration, sequenceLength: pair.0.context)
        .trainedHere(recomputing: 1 - Double(kept) / Double(configuration.layerCount))
      return Stage(
        index: index, recipe: pair.0, rope: pair.1, blocksKeepingActivations: kept, memory: settings,
        estimate: estimate, flopsPerStep: flops * Double(pair.0.sequencesPerStep))
    }
  }

  /// Layers that keep more than this compute for so long that a wait for the disk is nothing beside it, and the memory is
  /// better spared.
  private static let readAheadLimit = 512 << 20

  /// Where a stage keeps its activations: in memory if it fits or must, else on disk, read ahead if that fits.
  private static func place(
    _ recipe: Recipe, _ stage: StageRecipe, _ configuration: LlamaConfiguration, limit: Int, threads: Int
  ) -> (MemorySettings, MemoryEstimate) {
    let layer = MemoryEstimate.savedBytes(
      configuration, sequenceLength: stage.context, MemorySettings(recipe, place: .memory))
    let onDisk: [MemorySettings.Place] =
      (layer <= readAheadLimit ? [.scratch(readsAhead: true)] : []) + [.scratch(readsAhead: false)]
    let places =
      switch recipe.memory.activations {
      case .ram: [MemorySettings.Place.memory]
      case .spill: onDisk
      case .auto: [.memory] + onDisk
      }
    func estimate(_ place: MemorySettings.Place) -> (MemorySettings, MemoryEstimate) {
      let settings = MemorySettings(recipe, place: place)
      return (
        settings,
        MemoryEstimate(
          training: configuration, sequenceLength: stage.context, sequences: stage.sequencesPerStep, threads: threads,
          labelledShare: recipe.labelledShare, settings)
      )
    }
    return places.lazy.map(estimate).first { $0.1.peak <= limit } ?? estimate(places[places.count - 1])
  }

  /// Bytes of the scratch file that serves every stage; 0 when none spills.
  public var scratchBytes: Int { stages.map(\.estimate.scratch).max() ?? 0 }

  /// Tokens of the whole run.
  public var tokens: Int { stages.reduce(0) { $0 + $1.recipe.tokens } }
  /// Operations of the whole run.
  public var flops: Double { stages.reduce(0) { $0 + $1.flopsPerStep * Double($1.recipe.steps) } }

  /// What can run and yet is hardly meant, each as one sentence.
  public var remarks: [String] {
    let own = configuration.rope.trainedContext
    return stages.filter { $0.recipe.context < own }.map { stage in
      "stage \(stage.recipe.name) trains at \(stage.recipe.context) tokens, fewer than the \(own) the model was trained "
        + "with: it does not lengthen the context"
    }
  }
}

extension Recipe {
  /// The share of tokens that are labelled, as planned: all, or about half where the assistant's words alone are.
  public var labelledShare: Double { data.labels == .all ? 1 : 0.5 }
}
