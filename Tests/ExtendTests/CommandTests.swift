import Foundation
import Testing

extension ProgramTests {
  @Suite struct CommandTests {
    @Test func aCurriculumTrainsAndItsRunFolderHoldsEverything() throws {
      try Workspace.with { workspace in
        let program = workspace.program
        let trained = try workspace.train("run")
        #expect(trained.code == 0, "\(trained.output)\n\(trained.errors)")
        #expect(trained.output.contains("stage 1/2 first") && trained.output.contains("stage 2/2 second"))
        #expect(trained.output.contains("extend export run") || trained.output.contains("extend export "))
        let names = try workspace.names(in: "run")
        for name in ["recipe.yaml", "checkpoints", "metrics.jsonl", "tensorboard", "evaluation.jsonl", "model"] {
          #expect(names.contains(name), "\(names)")
        }
        #expect(try workspace.read("run/recipe.yaml").contains("weight_decay"), "defaults are not written out")
        #expect(
          try workspace.names(in: "run/checkpoints")
            == ["stage01-step000003.h5", "stage02-step000002.h5", "stage02-step000003.h5"])
        #expect(try workspace.names(in: "run/tensorboard").contains { $0.contains("tfevents") })
        let steps = try workspace.metrics("run")
        #expect(steps.compactMap { $0["step"] as? Int } == Array(1...6))
        #expect(steps.compactMap { $0["loss"] as? Double }.allSatisfy { $0.isFinite && $0 > 0 && $0 < 10 })
        let measured = try workspace.read("run/evaluation.jsonl").split(separator: "\n")
        #expect(measured.count == 4, "before and after for each of two stages: \(measured)")
        #expect(measured.allSatisfy { $0.contains("heldOutLoss") }, "\(measured)")

        let status = try program.run("status", "run")
        #expect(status.code == 0, "\(status.errors)")
        #expect(
          status.output.contains("complete") && status.output.contains("stage02-step000003.h5"), "\(status.output)")
        for (quantization, bytes) in [("f32", 100_000...200_000), ("f16", 50_000...150_000), ("q8_0", 30_000...90_000)]
        {
          let file = "out-\(quantization).gguf"
          let exported = try program.run("export", "run", "--quantization", quantization, "--output", file)
          #expect(exported.code == 0, "\(exported.errors)")
          let size = try workspace.data(file).count
          #expect(bytes.contains(size), "\(quantization): \(size) bytes")
          let inspected = try program.run("inspect", file)
          #expect(inspected.code == 0, "\(inspected.errors)")
          #expect(inspected.output.contains("llama.context_length = 128"), "\(inspected.output)")
          #expect(inspected.output.contains("blk.1.attn_q.weight"))
        }
        #expect(try workspace.read("run/recipe.yaml").contains("tiny"))
        let byDefault = try program.run("export", "run", "--quantization", "f32")
        #expect(byDefault.code == 0, "\(byDefault.errors)")
        #expect(try workspace.names(in: "run/model") == ["tiny-128-f32.Modelfile", "tiny-128-f32.gguf"])
        let checkpoint = try program.run("inspect", "run/checkpoints/stage02-step000003.h5")
        #expect(
          checkpoint.code == 0 && checkpoint.output.contains("model.layers.1.mlp.up_proj.weight"),
          "\(checkpoint.errors)")

        try generates(workspace, "out-f32.gguf")
        try generates(workspace, "out-q8_0.gguf")
      }
    }

    /// Greedy generation with alternatives: well-formed, consistent, never past its limit.
    private func generates(_ workspace: Workspace, _ model: String) throws {
      let generated = try workspace.program.run(
        "generate", model, "--prompt", "the number", "--max-tokens", "8", "--top-logprobs", "3", "--json",
        "--ignore-stop")
      #expect(generated.code == 0, "\(generated.errors)")
      let json = try #require(generated.json, "\(generated.output)")
      let tokens = try #require(json["tokens"] as? [[String: Any]])
      #expect((json["prompt_tokens"] as? [Int])?.isEmpty == false)
      #expect(json["text"] is String && json["stop"] is String)
      #expect(tokens.count == 8)
      for token in tokens {
        let top = try #require(token["top"] as? [[String: Any]])
        let probabilities = top.compactMap { $0["logprob"] as? Double }
        #expect(top.count == 3 && probabilities == probabilities.sorted(by: >))
        #expect(token["id"] as? Int == top[0]["id"] as? Int, "greedy takes the most probable token")
        #expect(probabilities.allSatisfy { $0 < 0 })
      }
    }

    @Test func generateSpeaksThroughTheChatTemplate() throws {
      try Workspace.with { workspace in
        let plain = try workspace.program.run("generate", "model.gguf", "--prompt", "hi", "--max-tokens", "3", "--json")
        let chat = try workspace.program.run(
          "generate", "model.gguf", "--prompt", "hi", "--max-tokens", "3", "--json", "--chat")
        #expect(plain.code == 0 && chat.code == 0, "\(plain.errors)\(chat.errors)")
        let ids = try #require(chat.json?["prompt_tokens"] as? [Int])
        let start = TinyModel.tokens.count - 2
        #expect(ids.first == start && ids.count { $0 == start } == 2, "\(ids)")
        #expect(
          plain.json?["prompt_tokens"] as? [Int]
            == [104, 105].map { TinyModel.tokens.firstIndex(of: String(UnicodeScalar($0)))! })
        let streamed = try workspace.program.run("generate", "model.gguf", "--prompt", "hi", "--max-tokens", "3")
        #expect(streamed.code == 0 && streamed.errors.contains("tok/s"))
      }
    }

    @Test func tokenizeGivesIdsAndPieces() throws {
      try Workspace.with { workspace in
        try workspace.write("he said: the end<|im_end|>", to: "text.txt")
        let json = try #require(try workspace.program.run("tokenize", "model.gguf", "text.txt", "--json").json)
        let ids = try #require(json["tokens"] as? [Int]), pieces = try #require(json["pieces"] as? [String])
        #expect(pieces.joined() == "he said: the end<|im_end|>")
        #expect(ids.first == 256 && ids.last == TinyModel.tokens.count - 1 && pieces.contains(" t"))
        let plain = try workspace.program.run("tokenize", "model.gguf", "-", "--plain", "--json", input: "<|im_end|>")
        #expect((plain.json?["tokens"] as? [Int])?.count == 10)
        let lines = try workspace.program.run("tokenize", "model.gguf", "-", "--json-lines", input: "\"he\"\n\"\"\n")
        #expect(lines.code == 0 && lines.output == "[256]\n[]\n", "\(lines)")
      }
    }

    @Test func planCheckRecipesAndDoctorAnswer() throws {
      try Workspace.with { workspace in
        let program = workspace.program
        let plan = try program.run("plan", "--recipe", "tiny.yaml")
        #expect(plan.code == 0, "\(plan.errors)")
        for part in ["first", "second", "128", "peak memory", "disk:"] {
          #expect(plan.output.contains(part), "\(plan.output)")
        }
        let check = try program.run("check", "tiny.yaml", "--model", "model.gguf", "--set", "stages[0].steps=9")
        #expect(check.code == 0 && check.output.contains("2 stages"), "\(check)")
        let list = try program.run("recipes")
        #expect(list.code == 0 && list.lines.count >= 6, "\(list)")
        for line in list.lines {
          let name = String(line.prefix { $0 != " " })
          #expect(try program.run("check", name).code == 0, "built-in \(name)")
        }
        let shown = try program.run("recipes", "show", "quickstart"),
          copied = try program.run("recipes", "copy", "quickstart", "q.yaml")
        #expect(shown.code == 0 && copied.code == 0, "\(copied.errors)")
        #expect(try workspace.read("q.yaml") == shown.output)
        try program.expectFailure(2, ["q.yaml", "exists already"], "recipes", "copy", "quickstart", "q.yaml")
        let doctor = try program.run("doctor")
        #expect(doctor.code == 0 && doctor.output.contains("GFLOP/s") && doctor.output.contains("BLAS"), "\(doctor)")
        let help = try program.run("--help"), version = try program.run("--version")
        #expect(help.code == 0 && help.output.contains("Exit codes"))
        #expect(version.code == 0 && version.output.contains("."))
      }
    }
  }
}
