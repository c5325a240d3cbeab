public import LlamaModel

/// Where a run stands. Every data position follows from it by arithmetic, so resuming replays nothing.
public struct TrainingPosition: Equatable, Sendable, Codable {
  /// The stage, from 0.
  public var stage = 0
  /// Steps done in that stage, those of its repetitions among them.
  public var stepInStage = 0
  /// Steps done in each stage before it.
  public var stepsOfEarlierStages: [Int] = []
  /// Steps done in the whole run.
  public var step = 0
  /// Tokens seen in the whole run.
  public var tokens = 0
  /// Labelled tokens seen in the whole run.
  public var labelledTokens = 0
  /// Steps in a row whose loss or gradient was not finite.
  public var nonFiniteStreak = 0

  public init() {}
}

/// Everything that training changes.
public struct TrainingState: Sendable {
  public var model: Llama
  public var optimizer: AdamW
  public var position: TrainingPosition

  public init(model: Llama, optimizer: AdamW, position: TrainingPosition = TrainingPosition()) {
    (self.model, self.optimizer, self.position) = (model, optimizer, position)
  }
}
