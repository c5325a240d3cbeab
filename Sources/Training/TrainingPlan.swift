public import LlamaModel
public import RecipeFormat

/// A recipe applied to a model: what each stage does, in numbers.
public struct TrainingPlan: Sendable {
  /// One stage, with the positions it trains.
  public struct Stage: Sendable {
    public var index: Int
    public var recipe: StageRecipe
    public var rope: RoPEDescription
    /// Floating-point operations of one optimizer step, as this trainer does them.
    public var flopsPerStep: Double
  }

  public let configuration: LlamaConfiguration
  public let stages: [Stage]

  /// - Throws: `RecipeError` when a stage's change of positions cannot be applied to the model.
  public init(_ recipe: Recipe, for configuration: LlamaConfiguration) throws(RecipeError) {
    self.configuration = configuration
    let positions = try recipe.positions(startingFrom: configuration.rope, headSize: configuration.headSize)
    stages = zip(recipe.stages, positions).enumerated().map { index, pair in
      let flops = FLOPCount(configuration, sequenceLength: pair.0.context).trainedHere
      return Stage(
        index: index, recipe: pair.0, rope: pair.1, flopsPerStep: flops * Double(pair.0.sequencesPerStep))
    }
  }

  public var steps: Int { stages.reduce(0) { $0 + $1.recipe.steps } }
  public var tokens: Int { stages.reduce(0) { $0 + $1.recipe.tokens } }
  public var flops: Double { stages.reduce(0) { $0 + $1.flopsPerStep * Double($1.recipe.steps) } }

  /// Operations left after a position, in the stage and in the run; what an ETA weighs time with.
  public func flopsLeft(after position: TrainingPosition) -> (stage: Double, run: Double) {
    guard position.stage < stages.count else { return (0, 0) }
    let stage = stages[position.stage]
    let here = stage.flopsPerStep * Double(max(0, stage.recipe.steps - position.stepInStage))
    return (here, stages.dropFirst(position.stage + 1).reduce(here) { $0 + $1.flopsPerStep * Double($1.recipe.steps) })
  }
}
