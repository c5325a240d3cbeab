/// What happens in a run, in order.
public enum TrainingEvent: Sendable {
  case stageBegan(TrainingPlan.Stage)
  case step(StepReport)
  case stageEnded(TrainingPlan.Stage)
}

/// What the run does after an event.
public enum Continuation: Sendable {
  case proceed
  case stop
  /// Trains the stage's steps once more, on further data; an answer to `stageEnded` only.
  case again
}

/// One optimizer step.
public struct StepReport: Equatable, Sendable {
  /// The position after the step.
  public var position: TrainingPosition
  public var stageName: String
  /// Tokens and labelled tokens of this step.
  public var tokens, labelledTokens: Int
  /// Mean over the labelled tokens, in nats. NaN or infinite when the step was not applied.
  public var loss: Double
  /// Norm of the mean gradient before clipping.
  public var gradientNorm: Double
  public var learningRate: Double
  /// False when loss or gradient was not finite: weights and moments stayed as they were.
  public var isApplied: Bool
  public var seconds: Double
  /// Bytes written to the scratch file.
  public var spilledBytes: Int
}

/// Why a run stopped by itself.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  case notFinite(stage: String, step: Int, streak: Int)
  case noLabels(stage: String, step: Int)

  public var description: String {
    switch self {
    case .notFinite(let stage, let step, let streak):
      """
      stage \(stage), step \(step): loss or gradient was not finite \(streak) times in a row; no such step was \
      applied. Lower the stage's learning rate, lengthen its warm-up, or look at the data, then resume with \
      --accept-changes; if it fails again at once, an earlier step has ruined the weights: move the newest files of \
      checkpoints/ away and resume
      """
    case .noLabels(let stage, let step):
      """
      stage \(stage), step \(step): the step's sequences hold no labelled token; allowed is at least one. Use data in \
      which the assistant speaks, or labels: all
      """
    }
  }
}
