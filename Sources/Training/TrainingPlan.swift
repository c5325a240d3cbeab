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
    /// Floating-point operations of one optimizer step, as this trainer does them.
    public var flopsPerStep: Double
  }

  /// The model before the first stage.
  public let configuration: LlamaConfiguration
  public let stages: [Stage]

  /// - Throws: `RecipeError` when a stage's change of positions cannot be applied to the model.
  public init(_ recipe: Recipe, for configuration: LlamaConfiguration) throws(RecipeError) {
    self.configuration = configuration
    let positions = try recipe.positions(startingFrom: configuration.rope, headSize: configuration.headSize)
    stages = zip(recipe.stages, positions).enumerated().map { index, pair in
      let kept = MemoryEstimate.blocksKeepingActivations(configuration, sequenceLength: pair.0.context)
      let flops = FLOPCount(configuration, sequenceLength: pair.0.context)
        .trainedHere(recomputing: 1 - Double(kept) / Double(configuration.layerCount))
      return Stage(
        index: index, recipe: pair.0, rope: pair.1, blocksKeepingActivations: kept,
        flopsPerStep: flops * Double(pair.0.sequencesPerStep))
    }
  }

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
