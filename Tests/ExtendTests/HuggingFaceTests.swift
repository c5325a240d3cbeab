import Foundation
import Testing

extension ProgramTests {
  /// A Hugging Face folder wherever a model is taken, and as what comes out.
  @Suite struct HuggingFaceTests {
    /// Runs the program; it must succeed.
    @discardableResult
    func run(_ workspace: Workspace, _ arguments: String...) throws -> String {
      let finished = try workspace.program.start(arguments).wait()
      #expect(finished.code == 0, "extend \(arguments)\n\(finished.output)\n\(finished.errors)")
      return finished.output
    }

    @Test func everyCommandTakesAFolderAsItTakesAGGUF() throws {
      try Workspace.with { workspace in
        let exported = try run(
          workspace, "export", "model.gguf", "--format", "huggingface", "--quantization", "f32", "--output", "folder")
        #expect(exported.contains("LlamaForCausalLM") && exported.contains("from_pretrained"), "\(exported)")
        #expect(
          try workspace.names(in: "folder") == [
            "config.json", "generation_config.json", "model.safetensors", "special_tokens_map.json", "tokenizer.json",
            "tokenizer_config.json",
          ])
        for arguments in [["--prompt", "the name"], ["--prompt", "the name", "--chat"]] {
          let generate = { model in
            ["generate", model, "--json", "--max-tokens", "8", "--top-logprobs", "2"] + arguments
          }
          let both = try [generate("model.gguf"), generate("folder")].map { try workspace.program.start($0).wait() }
          #expect(both[0].output == both[1].output && both[0].code == 0, "\(both)")
        }
        try workspace.write("the tale, 42 <|im_end|>", to: "text")
        #expect(
          try run(workspace, "tokenize", "model.gguf", "text") == run(workspace, "tokenize", "folder", "text"))
        for model in ["folder", "folder/model.safetensors"] {
          #expect(try run(workspace, "inspect", model).contains("model.layers.1.mlp.up_proj.weight"))
        }
        #expect(try run(workspace, "inspect", "folder").contains("27"))
        try run(workspace, "check", "tiny.yaml", "--model", "folder")
        let plan = try run(workspace, "plan", "--recipe", "tiny.yaml", "--model", "folder", "--cache", "cache")
        #expect(plan.contains("LlamaForCausalLM"))
        try run(workspace, "export", "folder", "--quantization", "f32", "--output", "again.gguf")
        #expect(
          try run(workspace, "generate", "again.gguf", "--prompt", "the name", "--json")
            == run(workspace, "generate", "model.gguf", "--prompt", "the name", "--json"))
      }
    }

    @Test func `what is made of a folder is called as the folder is, point and all`() throws {
      try Workspace.with { workspace in
        try run(
          workspace, "export", "model.gguf", "--format", "huggingface", "--quantization", "f32", "--output", "Tiny-1.5B"
        )
        try run(workspace, "export", "Tiny-1.5B", "--quantization", "f32")
        #expect(try workspace.names(in: ".").contains("Tiny-1.5B-32-f32.gguf"))
      }
    }

    @Test func aRunFromAFolderIsTheRunFromTheGGUFAndLeavesAsEither() throws {
      try Workspace.with { workspace in
        try run(
          workspace, "export", "model.gguf", "--format", "huggingface", "--quantization", "f32", "--output", "folder")
        let byGGUF = try workspace.train("from-gguf")
        #expect(byGGUF.code == 0, "\(byGGUF.errors)")
        let trained = try workspace.program.start(workspace.training("run") + ["--model", "folder"]).wait()
        #expect(trained.code == 0, "\(trained.output)\n\(trained.errors)")
        func losses(_ run: String) throws -> [Double] {
          try workspace.metrics(run).map { $0["loss"] as? Double ?? .nan }
        }
        #expect(try losses("run") == losses("from-gguf"))
        // The weights' folder may be gone; the checkpoint holds all that an export and a resume need.
        try FileManager.default.removeItem(atPath: workspace.path("folder"))
        let resumed = try workspace.resume("run")
        #expect(resumed.code == 0, "\(resumed.errors)")
        try run(workspace, "export", "run", "--quantization", "f32", "--output", "run.gguf")
        try run(workspace, "export", "from-gguf", "--quantization", "f32", "--output", "from-gguf.gguf")
        let prompts = ["generate", "--prompt", "the name of", "--json", "--max-tokens", "8"]
        let two = try ["run.gguf", "from-gguf.gguf"].map { try workspace.program.start(prompts + [$0]).wait().output }
        #expect(two[0] == two[1])
        try run(workspace, "export", "run", "--format", "huggingface", "--output", "out")
        let config = try workspace.read("out/config.json")
        #expect(config.contains("\"max_position_embeddings\": 128") && config.contains("\"torch_dtype\": \"bfloat16\""))
        try run(workspace, "generate", "out", "--prompt", "the", "--max-tokens", "4")
        try workspace.program.expectFailure(
          3, ["out", "something of that name"], "export", "run", "--format", "huggingface", "--output", "out")
      }
    }

    @Test func whatIsNoModelIsRefused() throws {
      try Workspace.with { workspace in
        try FileManager.default.createDirectory(atPath: workspace.path("empty"), withIntermediateDirectories: false)
        for command in [["generate", "--prompt", "x"], ["tokenize", "--plain", "tiny.yaml"]] {
          let finished = try workspace.program.start([command[0], "empty"] + command.dropFirst()).wait()
          #expect(finished.code == 3 && !finished.isCrash && !finished.errors.isEmpty, "\(finished)")
        }
        try workspace.program.expectFailure(
          2, ["--format huggingface", "q8_0"], "export", "model.gguf", "--format", "huggingface", "--quantization",
          "q8_0")
        try workspace.program.expectFailure(
          2, ["--calibration"], "export", "model.gguf", "--format", "huggingface", "--measure")
      }
    }
  }
}
