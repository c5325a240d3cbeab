import Metrics
import Testing

struct ProgressFormatTests {
  @Test func aStepReadsAsOneLine() {
    var step = record(12, loss: 2.10321)
    step.stageName = "262k"
    step.stage = 2
    step.stepInStage = 12
    step.etaStageSeconds = 2_470
    step.etaRunSeconds = 18_131
    #expect(
      ProgressFormat.line(step, stages: 4, stepsInStage: 24)
        == "stage 2/4 262k  step 12/24  loss 2.1032  1.2k tok/s  ETA stage 0:41:10 run 5:02:11")
    step.loss = .nan
    #expect(ProgressFormat.line(step, stages: 4, stepsInStage: 24).contains("loss nan"))
  }

  @Test(arguments: [
    (0, "0:00:00"), (0.4, "0:00:00"), (59.5, "0:01:00"), (3_599.7, "1:00:00"), (86_399, "23:59:59"),
    (86_400, "1d 0:00:00"), (273_906, "3d 4:05:06"), (-1, "?"), (.nan, "?"), (.infinity, "?"), (1e300, "?"),
  ])
  func durations(seconds: Double, text: String) { #expect(ProgressFormat.duration(seconds) == text) }

  @Test(arguments: [
    (0, "0"), (7.4, "7"), (940, "940"), (999.4, "999"), (999.6, "1.0k"), (1_234, "1.2k"), (9_949, "9.9k"),
    (9_960, "10k"), (65_536, "66k"), (262_144, "262k"), (999_499, "999k"), (999_500, "1.0M"), (1_048_576, "1.0M"),
    (45_218_125_210, "45G"), (-1_234, "-1.2k"), (.nan, "?"),
  ])
  func counts(value: Double, text: String) { #expect(ProgressFormat.count(value) == text) }

  @Test(arguments: [
    (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_503_238_554, "1.4 GiB"), (25_769_803_776, "24 GiB"),
    (1_048_575, "1.0 MiB"), (Int.max, "8.0 EiB"),
  ])
  func amountsOfMemory(value: Int, text: String) { #expect(ProgressFormat.bytes(value) == text) }

  @Test func wholeNumbersReadLikeOthers() { #expect(ProgressFormat.count(1_234) == "1.2k") }
}
