import Foundation
import Testing

extension ProgramTests {
  @Suite struct VerifyTests {
    @Test func anExportIsVerifiedAndHasAModelfileBesideIt() throws {
      try Workspace.with { workspace in
        #expect(try workspace.train("run").code == 0)
        let exported = try workspace.program.run("export", "run", "--quantization", "Q4_0")
        #expect(exported.code == 0, "\(exported.errors)")
        let model = "run/model/tiny-128-q4_0.gguf", modelfile = "run/model/tiny-128-q4_0.Modelfile"
        for part in [model, modelfile, "verified", "error:", "ollama create", "llama-cli"] {
          #expect(exported.output.contains(part), "no \(part) in \(exported.output)")
        }
        let text = try workspace.read(modelfile)
        for part in ["FROM ./tiny-128-q4_0.gguf", "PARAMETER stop \"<|im_end|>\"", "PARAMETER num_ctx 128", "TEMPLATE"]
        {
          #expect(text.contains(part), "no \(part) in \(text)")
        }
        let verified = try workspace.program.run("verify", model, "--run", "run")
        #expect(verified.code == 0 && verified.output.contains("would run"), "\(verified)")
        // The model before the training does not agree with the run.
        let other = try workspace.program.run("verify", "model.gguf", "--run", "run", "--json")
        #expect(other.code == 3, "\(other)")
        let findings = try #require(other.json?["findings"] as? [[String: Any]])
        #expect(findings.contains { $0["subject"] as? String == "keys llama.rope.*" }, "\(other.output)")
      }
    }

    @Test func aModelThatWouldNotStopIsToldWithCode3() throws {
      try Workspace.with { workspace in
        var bytes = try workspace.data("model.gguf")
        let key = Data("tokenizer.ggml.eos_token_id".utf8)
        let place = try #require(bytes.range(of: key)).upperBound + 4
        bytes[place] = 5
        bytes[place + 1] = 0
        try bytes.write(to: URL(filePath: workspace.path("odd.gguf")))
        let odd = try workspace.program.run("verify", "odd.gguf")
        #expect(odd.output.contains("tokenizer.ggml.eos_token_id"), "\(odd)")
        try bytes.prefix(bytes.count - 7).write(to: URL(filePath: workspace.path("cut.gguf")))
        let cut = try workspace.program.run("verify", "cut.gguf")
        #expect(cut.code == 3 && !cut.isCrash && cut.output.contains("would not run"), "\(cut)")
        try workspace.program.expectFailure(2, ["--run"], "verify", "model.gguf", "--run", "model.gguf")
      }
    }

    @Test func aModelIsCalibratedAndMeasured() throws {
      try Workspace.with { workspace in
        try workspace.write(String(repeating: "the name of number seven is n49. ", count: 40), to: "text.txt")
        let exported = try workspace.program.run(
          "export", "model.gguf", "--quantization", "q4_0", "--output", "out.gguf", "--calibration", "text.txt",
          "--measure-text", "text.txt", "--measure-context", "512")
        #expect(exported.code == 0, "\(exported.errors)")
        for part in ["calibrated with", "perplexity", "full precision", "passkey"] {
          #expect(exported.output.contains(part), "no \(part) in \(exported.output)")
        }
        try workspace.program.expectFailure(
          2, ["--measure-text"], "export", "model.gguf", "--output", "out.gguf", "--measure")
        try workspace.program.expectFailure(2, ["--split"], "export", "model.gguf", "--split", "7")
        try workspace.program.expectFailure(
          3, ["absent.txt"], "export", "model.gguf", "--output", "out.gguf", "--calibration", "absent.txt")
      }
    }
  }
}
