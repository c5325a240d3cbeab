import Foundation
import LlamaModel
import RecipeFormat
import Testing

private func multipliers(_ schedule: LearningRateSchedule, of total: Int) -> [Double] {
  (0..<total).map { schedule.multiplier(atStep: $0, of: total) }
}

@Suite struct LearningRateScheduleTests {
  @Test func aConstantRateStaysWhatItIs() {
    #expect(multipliers(.constant(warmUp: .none), of: 5) == [1, 1, 1, 1, 1])
  }

  @Test func warmUpRisesWithoutAStepOfZeroAndEndsAtTheFullRate() {
    #expect(multipliers(.constant(warmUp: .steps(3)), of: 6) == [0.25, 0.5, 0.75, 1, 1, 1])
  }

  @Test func aShareOfWarmUpIsRoundedUp() {
    #expect(LearningRateSchedule.WarmUp.ratio(0.03).steps(of: 30_000) == 900)
    #expect(LearningRateSchedule.WarmUp.ratio(0.03).steps(of: 10) == 1)
    #expect(LearningRateSchedule.WarmUp.ratio(0).steps(of: 10) == 0)
  }

  @Test func linearDecayIsAStraightLineToTheMinimum() {
    let found = multipliers(.linear(warmUp: .steps(1), minimumRatio: 0.2), of: 5)
    let expected = [0.5, 1, 0.8, 0.6, 0.4]
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test func cosineDecayPassesItsMiddleHalfWayDown() {
    let found = multipliers(.cosine(warmUp: .steps(2), minimumRatio: 0.1), of: 10)
    #expect(found[2] == 1 && abs(found[6] - 0.55) < 1e-15)
    #expect(abs(found[4] - (0.1 + 0.9 * (1 + sqrt(0.5)) / 2)) < 1e-15)
    #expect(zip(found[2...], found[3...]).allSatisfy { $0 > $1 } && found[9] > 0.1)
  }

  @Test func everyStepOfEveryScheduleIsAboveZeroAndAtMostOne() {
    for total in [1, 2, 3, 10, 997] {
      for warmUp in [LearningRateSchedule.WarmUp.none, .ratio(0.03), .ratio(0.99)] {
        for schedule in [
          LearningRateSchedule.constant(warmUp: warmUp), .linear(warmUp: warmUp, minimumRatio: 0),
          .cosine(warmUp: warmUp, minimumRatio: 0),
        ] {
          #expect(multipliers(schedule, of: total).allSatisfy { $0 > 0 && $0 <= 1 })
        }
      }
    }
  }

  @Test func aStageMultipliesItsOwnRate() {
    let stage = StageRecipe(
      name: "a", context: 1024, rope: .unchanged, length: .tokens(4096), learningRate: 2e-5,
      schedule: .linear(warmUp: .none, minimumRatio: 0.5))
    #expect(stage.steps == 4 && stage.learningRate(atStep: 0) == 2e-5)
    #expect(abs(stage.learningRate(atStep: 2) - 1.5e-5) < 1e-20)
  }
}
