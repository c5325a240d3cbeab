public import LlamaModel

/// One stage of a curriculum: one context length, one change of positions, so many steps.
public struct StageRecipe: Equatable, Sendable {
  /// A short name, unlike those of the other stages.
  public var name: String
  /// The length of every sequence, in tokens.
  public var context: Int
  /// What the stage does to the positions, absolute against the original model.
  public var rope: RoPEChange
  /// How long the stage lasts.
  public var length: Length
  /// Sequences that go through the model together. The default is 1.
  public var batchSize: Int
  /// Batches whose gradients are added up before a step. The default is 1.
  public var gradientAccumulationSteps: Int
  /// The learning rate that the schedule multiplies.
  public var learningRate: Double
  /// How the learning rate moves within the stage. The default is constant, without warm-up.
  public var schedule: LearningRateSchedule

  public enum Length: Equatable, Sendable {
    /// Optimizer steps.
    case steps(Int)
    /// Tokens, at least: the last step is a whole one.
    case tokens(Int)
  }

  public init(
    name: String, context: Int, rope: RoPEChange, length: Length, batchSize: Int = 1,
    gradientAccumulationSteps: Int = 1, learningRate: Double,
    schedule: LearningRateSchedule = .constant(warmUp: .none)
  ) {
    self.name = name
    self.context = context
    self.rope = rope
    self.length = length
    self.batchSize = batchSize
    self.gradientAccumulationSteps = gradientAccumulationSteps
    self.learningRate = learningRate
    self.schedule = schedule
  }

  /// Sequences of one optimizer step.
  public var sequencesPerStep: Int { batchSize * gradientAccumulationSteps }

  /// Tokens of one optimizer step.
  public var tokensPerStep: Int { context * sequencesPerStep }

  /// Optimizer steps of the stage.
  public var steps: Int {
    switch length {
    case .steps(let steps): steps
    case .tokens(let tokens): (tokens + tokensPerStep - 1) / tokensPerStep
    }
  }

  /// Tokens of the stage.
  public var tokens: Int { steps * tokensPerStep }

  /// The learning rate of a step, counted from 0 within the stage.
  public func learningRate(atStep step: Int) -> Double { learningRate * schedule.multiplier(atStep: step, of: steps) }
}
