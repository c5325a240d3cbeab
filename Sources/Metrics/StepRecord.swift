public import Foundation

/// What one training step was and did: one line of `metrics.jsonl`, one column of the curves.
///
/// As JSON, every key is always present; `time` is ISO 8601 in UTC; a number that is not finite is written as the string
/// `"NaN"`, `"Infinity"` or `"-Infinity"`, because JSON has no such numbers.
public struct StepRecord: Codable, Equatable, Sendable {
  /// The step in the run, counted from 1 through all stages.
  public var step: Int
  /// The stage, counted from 1.
  public var stage: Int
  /// What the recipe calls the stage.
  public var stageName: String
  /// The step in its stage, counted from 1.
  public var stepInStage: Int
  /// Tokens that the model read in this step.
  public var tokens: Int
  /// Tokens of this step that the loss counts.
  public var labelledTokens: Int
  /// Mean cross-entropy per labelled token, in nats.
  public var loss: Double
  /// The learning rate that this step used.
  public var learningRate: Double
  /// The L2 norm of all gradients, before clipping.
  public var gradientNorm: Double
  /// Smoothed throughput (``ProgressEstimator``).
  public var tokensPerSecond: Double
  /// Wall time of this step.
  public var seconds: Double
  /// The largest resident memory of the process so far.
  public var peakRSSBytes: Int
  /// Expected seconds until the end of this stage.
  public var etaStageSeconds: Double
  /// Expected seconds until the end of the run.
  public var etaRunSeconds: Double
  /// When the step ended, in whole seconds.
  public var time: Date

  /// Gathers the values of one step; `time` is rounded down to a whole second, as it is written.
  public init(
    step: Int, stage: Int, stageName: String, stepInStage: Int, tokens: Int, labelledTokens: Int, loss: Double,
    learningRate: Double, gradientNorm: Double, tokensPerSecond: Double, seconds: Double, peakRSSBytes: Int,
    etaStageSeconds: Double, etaRunSeconds: Double, time: Date
  ) {
    self.step = step
    self.stage = stage
    self.stageName = stageName
    self.stepInStage = stepInStage
    self.tokens = tokens
    self.labelledTokens = labelledTokens
    self.loss = loss
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.tokensPerSecond = tokensPerSecond
    self.seconds = seconds
    self.peakRSSBytes = peakRSSBytes
    self.etaStageSeconds = etaStageSeconds
    self.etaRunSeconds = etaRunSeconds
    self.time = Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
  }
}
