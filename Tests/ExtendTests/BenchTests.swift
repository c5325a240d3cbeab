import Foundation
import Testing

extension ProgramTests {
  @Suite struct BenchTests {
    @Test func benchMeasuresMachineKernelsAndStepsOfATinyModel() throws {
      try Workspace.with { workspace in
        let shown = try workspace.program.run(
          "bench", "--quick", "--model", "model.gguf", "--lengths", "32,64", "--threads", "2")
        #expect(shown.code == 0, "\(shown.output)\n\(shown.errors)")
        for part in [
          "kernels for", "OpenBLAS core", "large product", "GB/s", "attention backward", "AdamW", "64 tokens",
        ] {
          #expect(shown.output.contains(part), "no \"\(part)\" in \(shown.output)")
        }
        let json = try workspace.program.run(
          "bench", "--step", "--json", "--calibrate", "--model", "model.gguf", "--lengths", "32,64", "--precision",
          "bf16",
          "--steps", "3")
        #expect(json.code == 0, "\(json.errors)")
        let steps = json.json?["steps"] as? [[String: Any]] ?? []
        #expect(steps.count == 2, "\(json.output)")
        for (step, length) in zip(steps, [32, 64]) {
          let time = step["time"] as? [String: Any] ?? [:], each = time["steps"] as? [Double] ?? []
          #expect(time["length"] as? Int == length && time["precision"] as? String == "bf16")
          #expect(each.count == 3)
          let fastest = each.min() ?? 0, rate = step["tokensPerSecond"] as? Double ?? 0
          #expect(fastest > 0 && abs(rate * fastest / Double(length) - 1) < 1e-6, "\(step)")
          #expect(time["peakRSSBytes"] as? Int ?? 0 > 1 << 20)
          #expect(step["plannedSeconds"] as? Double ?? 0 > 0)
          #expect(step["shareOfProduct"] == nil, "no ceilings were measured")
        }
      }
    }

    @Test func wrongLengthsAndPrecisionsAreExplained() throws {
      try Workspace.with { workspace in
        try workspace.program.expectFailure(2, ["--lengths", "1024,4096"], "bench", "--lengths", "many")
        try workspace.program.expectFailure(2, ["--precision", "fp32"], "bench", "--precision", "fp16")
        try workspace.program.expectFailure(2, ["--steps"], "bench", "--steps", "0")
        try workspace.program.expectFailure(3, ["nothing.gguf"], "bench", "--model", "nothing.gguf")
      }
    }

    @Test func planMeasuresTheMachineOnceAndAgainWhenAsked() throws {
      try Workspace.with { workspace in
        let plan = ["plan", "--recipe", "tiny.yaml", "--cache", "kept"]
        let first = try workspace.program.start(plan).wait()
        #expect(first.code == 0 && first.output.contains("measuring what a training step costs"), "\(first.errors)")
        let kept = try workspace.data("kept/calibration.json")
        let second = try workspace.program.start(plan).wait()
        #expect(second.code == 0 && !second.output.contains("measuring"), "\(second.output)")
        #expect(second.output.contains("GFLOP/s"))
        #expect(try workspace.data("kept/calibration.json") == kept)
        let third = try workspace.program.start(plan + ["--calibrate"]).wait()
        #expect(third.code == 0 && third.output.contains("measuring"), "\(third.output)")
        let one = try workspace.program.start(plan + ["--threads", "1"]).wait()
        #expect(one.code == 0 && one.output.contains("measuring"), "another number of threads has costs of its own")
      }
    }
  }
}
