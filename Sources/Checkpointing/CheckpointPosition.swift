/// Where in its curriculum a run stands.
public struct CheckpointPosition: Sendable, Equatable {
  /// The stage, counted from 0; files and people count from 1.
  public var stageIndex: Int
  /// The stage's name in the recipe.
  public var stageName: String
  /// Optimizer steps done in this stage.
  public var stepInStage: Int
  /// Optimizer steps done in all stages.
  public var globalStep: Int
  /// Tokens the model has read, over all stages.
  public var tokensSeen: Int
  /// Those of them that entered the loss.
  public var labelledTokensSeen: Int

  public init(
    stageIndex: Int, stageName: String, stepInStage: Int, globalStep: Int, tokensSeen: Int, labelledTokensSeen: Int
  ) {
    self.stageIndex = stageIndex
    self.stageName = stageName
    self.stepInStage = stepInStage
    self.globalStep = globalStep
    self.tokensSeen = tokensSeen
    self.labelledTokensSeen = labelledTokensSeen
  }
}
