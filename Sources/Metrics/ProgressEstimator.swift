import Foundation

/// Throughput, and the time that a run still needs, from the steps done so far.
///
/// Steps of different stages cost differently, so time is counted per predicted floating-point operation: what this stage
/// achieves serves as the forecast of the stages that have not begun. Recent steps count more than old ones, and the first
/// step of a process or a stage, which touches memory for the first time, counts only until there is another.
public struct ProgressEstimator: Equatable, Sendable {
  /// What the estimator must know of a stage.
  public struct Stage: Equatable, Sendable {
    /// Optimizer steps in the stage.
    public var steps: Int
    /// Predicted floating-point operations of one step; only the ratios between stages matter.
    public var operationsPerStep: Double
    /// What follows its last step, such as measurements.
    public var endSeconds: Double

    /// Describes a stage.
    public init(steps: Int, operationsPerStep: Double, endSeconds: Double = 0) {
      precondition(steps >= 0, "ProgressEstimator.Stage: steps must not be negative, got \(steps)")
      precondition(
        operationsPerStep > 0 && operationsPerStep.isFinite,
        "ProgressEstimator.Stage: operationsPerStep must be positive and finite, got \(operationsPerStep)")
      self.steps = steps
      self.operationsPerStep = operationsPerStep
      self.endSeconds = endSeconds
    }
  }

  /// What is expected now.
  public struct Estimate: Equatable, Sendable {
    /// Smoothed throughput of this stage.
    public var tokensPerSecond: Double
    /// Seconds until the last step of this stage.
    public var stageSeconds: Double
    /// Seconds until the end of the run.
    public var runSeconds: Double
  }

  /// Steps after which an observation has half its weight.
  static let halfLife = 16.0
  private static let decay = exp2(-1 / halfLife)

  private let stages: [Stage]
  private var stage = 0
  private var recent = Sums()
  private var stepSeconds = 0.0, overheadSeconds = 0.0

  /// Exponentially weighted sums over the steps of one stage.
  private struct Sums: Equatable {
    var steps = 0
    var seconds = 0.0, tokens = 0.0, operations = 0.0
  }

  /// Begins with the stages of the whole run, done or not.
  public init(stages: [Stage]) { self.stages = stages }

  /// Takes in one finished step; `stage` and `stepInStage` count from 1.
  @discardableResult
  public mutating func observe(stage: Int, stepInStage: Int, tokens: Int, seconds: Double) -> Estimate {
    precondition(
      stages.indices.contains(stage - 1),
      "ProgressEstimator.observe: stage must be in 1...\(stages.count), got \(stage)")
    let operationsPerStep = stages[stage - 1].operationsPerStep
    let steps = stages[stage - 1].steps
    precondition(
      (1...max(1, steps)).contains(stepInStage),
      "ProgressEstimator.observe: stepInStage must be in 1...\(steps), got \(stepInStage)")
    precondition(
      seconds > 0 && seconds.isFinite, "ProgressEstimator.observe: seconds must be positive and finite, got \(seconds)")
    if stage != self.stage {
      self.stage = stage
      recent = Sums()
    }
    let decay = recent.steps == 1 ? 0 : Self.decay
    recent.steps += 1
    recent.seconds = recent.seconds * decay + seconds
    recent.tokens = recent.tokens * decay + Double(tokens)
    recent.operations = recent.operations * decay + operationsPerStep
    stepSeconds += seconds

    let secondsPerOperation = recent.seconds / recent.operations * (1 + overheadSeconds / stepSeconds)
    let stageSeconds = Double(steps - stepInStage) * operationsPerStep * secondsPerOperation
    let laterOperations = stages[stage...].reduce(0) { $0 + Double($1.steps) * $1.operationsPerStep }
    return Estimate(
      tokensPerSecond: recent.tokens / recent.seconds, stageSeconds: stageSeconds,
      runSeconds: stageSeconds + laterOperations * secondsPerOperation
        + stages[(stage - 1)...].reduce(0) { $0 + $1.endSeconds })
  }

  /// Takes in time spent between steps, on checkpoints and evaluations; the forecast assumes the same share of it.
  public mutating func observeOverhead(seconds: Double) {
    precondition(
      seconds >= 0 && seconds.isFinite,
      "ProgressEstimator.observeOverhead: seconds must be finite and not negative, got \(seconds)")
    overheadSeconds += seconds
  }
}
