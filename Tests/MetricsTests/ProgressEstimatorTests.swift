import Foundation
import Testing

@testable import Metrics

struct ProgressEstimatorTests {
  private let stages: [ProgressEstimator.Stage] = [
    .init(steps: 10, operationsPerStep: 1e9), .init(steps: 100, operationsPerStep: 16e9),
    .init(steps: 5, operationsPerStep: 200e9),
  ]

  @Test func aSteadyRunIsForecastExactlyWhateverItsStagesCost() {
    var estimator = ProgressEstimator(stages: stages)
    var left = stages.reduce(0) { $0 + Double($1.steps) * $1.operationsPerStep * 1e-9 }
    for (index, stage) in stages.enumerated() {
      for step in 1...stage.steps {
        let seconds = stage.operationsPerStep * 1e-9
        left -= seconds
        let estimate = estimator.observe(stage: index + 1, stepInStage: step, tokens: 4_000, seconds: seconds)
        #expect(abs(estimate.runSeconds - left) < 1e-6)
        #expect(abs(estimate.stageSeconds - Double(stage.steps - step) * seconds) < 1e-6)
        #expect(abs(estimate.tokensPerSecond - 4_000 / seconds) < 1e-6)
      }
    }
  }

  @Test func afterFivePercentOfANoisyStageTheForecastIsWithinTenPercent() {
    var generator = LinearCongruential(state: 1)
    for _ in 0..<50 {
      var estimator = ProgressEstimator(stages: [.init(steps: 400, operationsPerStep: 3)])
      // Steps of 2 s, 15 % up or down; the first one takes three times as long.
      let seconds = (0..<400).map { 2 * Double.random(in: 0.85...1.15, using: &generator) * ($0 == 0 ? 3 : 1) }
      for step in 1..<400 {
        let estimate = estimator.observe(stage: 1, stepInStage: step, tokens: 1, seconds: seconds[step - 1])
        let truth = seconds[step...].reduce(0, +)
        if (20...380).contains(step) { #expect(abs(estimate.runSeconds / truth - 1) < 0.1, "step \(step)") }
      }
    }
  }

  @Test func theFirstStepOfAStageCountsOnlyUntilThereIsAnother() {
    var estimator = ProgressEstimator(stages: stages)
    #expect(estimator.observe(stage: 1, stepInStage: 1, tokens: 50, seconds: 5).stageSeconds == 45)
    #expect(estimator.observe(stage: 1, stepInStage: 2, tokens: 50, seconds: 1).stageSeconds == 8)
    #expect(estimator.observe(stage: 2, stepInStage: 1, tokens: 80, seconds: 40).stageSeconds == 99 * 40)
    let estimate = estimator.observe(stage: 2, stepInStage: 2, tokens: 80, seconds: 16)
    // 98 steps of 16 s are left in this stage, and then five steps of 200 s.
    #expect(estimate == .init(tokensPerSecond: 5, stageSeconds: 1_568, runSeconds: 2_568))
  }

  @Test func aChangeOfSpeedIsHalfLearntAfterAHalfLife() {
    var estimator = ProgressEstimator(stages: [.init(steps: 10_000, operationsPerStep: 1)])
    for step in 1...2_000 { estimator.observe(stage: 1, stepInStage: step, tokens: 1, seconds: 1) }
    var estimate = ProgressEstimator.Estimate(tokensPerSecond: 0, stageSeconds: 0, runSeconds: 0)
    for step in 2_001...2_000 + Int(ProgressEstimator.halfLife) {
      estimate = estimator.observe(stage: 1, stepInStage: step, tokens: 1, seconds: 3)
    }
    #expect(abs(estimate.tokensPerSecond - 0.5) < 1e-9)  // half-way between 1 and 3 seconds a step
  }

  @Test func timeBetweenStepsIsForecastInTheSameShare() {
    var estimator = ProgressEstimator(stages: stages)
    estimator.observe(stage: 1, stepInStage: 1, tokens: 1, seconds: 1)
    estimator.observeOverhead(seconds: 0.5)
    let estimate = estimator.observe(stage: 1, stepInStage: 2, tokens: 1, seconds: 1)
    #expect(estimate.stageSeconds == 8 * 1.25)
    #expect(estimate.tokensPerSecond == 1)
  }

  @Test func aStepBeyondTheStageTraps() async {
    await #expect(processExitsWith: .failure) {
      var estimator = ProgressEstimator(stages: [.init(steps: 2, operationsPerStep: 1)])
      estimator.observe(stage: 1, stepInStage: 3, tokens: 1, seconds: 1)
    }
  }
}

/// Repeatable noise: Knuth's MMIX constants.
private struct LinearCongruential: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 32
  }
}
