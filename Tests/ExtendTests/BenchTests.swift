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
          "bench", "--only", "steps", "--json", "--calibrate", "--model", "model.gguf", "--lengths", "32,64",
          "--precision",
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

    @Test func `the shape of a folder is that of its config json, whatever else is missing`() throws {
      try Workspace.with { workspace in
        let exported = try workspace.program.run(
          "export", "model.gguf", "--format", "huggingface", "--quantization", "f32", "--output", "folder")
        #expect(exported.code == 0, "\(exported.errors)")
        for name in try workspace.names(in: "folder") where name != "config.json" {
          try FileManager.default.removeItem(atPath: workspace.path("folder/" + name))
        }
        let shapes = try ["model.gguf", "folder"].map { model in
          let bench = try workspace.program.run(
            "bench", "--quick", "--only", "steps", "--lengths", "32", "--precision", "fp32", "--model", model)
          #expect(bench.code == 0 && bench.output.contains("32 tokens"), "\(bench.errors)")
          return bench.lines.first { $0.hasPrefix("model ") }
        }
        #expect(shapes[0] != nil && shapes[0] == shapes[1])
        try FileManager.default.removeItem(atPath: workspace.path("folder/config.json"))
        try workspace.program.expectFailure(3, ["folder", "no config.json"], "bench", "--model", "folder")
      }
    }

    @Test func `only attention is measured where only that is asked for`() throws {
      try Workspace.with { workspace in
        let bench = try workspace.program.run(
          "bench", "--quick", "--only", "attention", "--json", "--lengths", "1K,32,1024", "--precision", "fp32",
          "--model", "model.gguf")
        #expect(bench.code == 0, "\(bench.errors)")
        let kernels = bench.json?["kernels"] as? [[String: Any]] ?? [], steps = bench.json?["steps"] as? [Any]
        #expect(kernels.compactMap { $0["tokens"] as? Int } == [32, 32, 1024, 1024], "\(bench.output)")
        #expect(kernels.allSatisfy { ($0["name"] as? String)?.hasPrefix("attention") == true })
        #expect(steps?.isEmpty == true)
      }
    }

    @Test func wrongLengthsAndPrecisionsAreExplained() throws {
      try Workspace.with { workspace in
        try workspace.program.expectFailure(2, ["--lengths", "'many'", "4096 or 4K"], "bench", "--lengths", "many")
        try workspace.program.expectFailure(2, ["--precision", "fp32"], "bench", "--precision", "fp16")
        try workspace.program.expectFailure(2, ["--storage", "bf16"], "bench", "--storage", "int8")
        try workspace.program.expectFailure(2, ["--layers must be at least 1"], "bench", "--layers", "0")
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
        #expect(second.code == 0 && !second.output.contains("measuring what"), "\(second.output)")
        #expect(second.output.contains("GFLOP/s"))
        #expect(try workspace.data("kept/calibration.json") == kept)
        let third = try workspace.program.start(plan + ["--calibrate"]).wait()
        #expect(third.code == 0 && third.output.contains("measuring what"), "\(third.output)")
        let one = try workspace.program.start(plan + ["--threads", "1"]).wait()
        #expect(
          one.code == 0 && one.output.contains("measuring what"), "another number of threads has costs of its own")
      }
    }
  }
}
