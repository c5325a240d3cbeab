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
  /// What must be reached at the stage's end. The default is nothing.
  public var gates: [Gate]
  /// How often the stage may be trained once more when a gate fails, before the run stops. The default is 0.
  public var repeats: Int

  public enum Length: Equatable, Sendable {
    /// Optimizer steps.
    case steps(Int)
    /// Tokens, at least: the last step is a whole one.
    case tokens(Int)
  }

  public init(
    name: String, context: Int, rope: RoPEChange, length: Length, batchSize: Int = 1,
    gradientAccumulationSteps: Int = 1, learningRate: Double,
    schedule: LearningRateSchedule = .constant(warmUp: .none), gates: [Gate] = [], repeats: Int = 0
  ) {
    self.name = name
    self.context = context
    self.rope = rope
    self.length = length
    self.batchSize = batchSize
    self.gradientAccumulationSteps = gradientAccumulationSteps
    self.learningRate = learningRate
    self.schedule = schedule
    self.gates = gates
    self.repeats = repeats
  }

  /// Sequences of one optimizer step.
  public var sequencesPerStep: Int { batchSize * gradientAccumulationSteps }

  /// Tokens of one optimizer step.
  public var tokensPerStep: Int { context * sequencesPerStep }

  /// Optimizer steps of the stage, trained once.
  public var steps: Int {
    switch length {
    case .steps(let steps): steps
    case .tokens(let tokens): (tokens + tokensPerStep - 1) / tokensPerStep
    }
  }

  /// Tokens of the stage, trained once.
  public var tokens: Int { steps * tokensPerStep }

  /// The learning rate of a step, counted from 0 within the stage; a repetition begins its schedule anew.
  public func learningRate(atStep step: Int) -> Double {
    learningRate * schedule.multiplier(atStep: step % steps, of: steps)
  }

  /// Steps of the stage with all its repetitions. Steps are counted on through them.
  public var mostSteps: Int { steps * (1 + repeats) }

  /// After how many steps of the stage the round ends to which a step (from 1; 0 before the first) belongs: the first
  /// round, or a repetition.
  public func endOfRound(at step: Int) -> Int { min(max(1, (step + steps - 1) / steps) * steps, mostSteps) }
}
