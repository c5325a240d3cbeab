import Foundation
import Testing

extension ProgramTests {
  /// What measurements between steps and evaluations take, told before they begin.
  @Suite struct MeasuringTests {
    /// A model whose keys and values take more than training does, as long contexts of large models do.
    private func withDeepModel(_ body: (Workspace) throws -> Void) throws {
      try Workspace.with { workspace in
        try TinyModel.write(to: workspace.path("model.gguf"), layers: 48)
        try body(workspace)
      }
    }

    private func recipe(limit: String, more: String = "") -> String {
      """
      name: deep
      model: model.gguf
      data: { paths: [conversations.jsonl], labels: all, held_out: 0.1 }
      stages:
        - { name: long, context: 131072, rope: { theta: critical }, steps: 1, learning_rate: 1e-3 }
      memory: { activations: spill, storage: bf16 }
      limits: { memory: \(limit) }
      evaluation: { held_out_sequences: 0, passkey: { samples: 1 }\(more) }

      """
    }

    @Test func `a plan rounds keys and values where memory is short, and refuses questions that never fit`() throws {
      try withDeepModel { workspace in
        func plan(_ limit: String, _ more: String = "", _ arguments: [String] = []) throws -> Finished {
          try workspace.write(recipe(limit: limit, more: more), to: "deep.yaml")
          return try workspace.program.start(
            ["plan", "--recipe", "deep.yaml", "--cache", "cache"] + arguments
          ).wait()
        }
        let wide = try plan("8G")
        #expect(wide.code == 0 && !wide.output.contains("rounded"), "\(wide)")
        let table = wide.output.split(separator: "\n").first { $0.hasPrefix("stage ") }
        #expect(table?.hasSuffix("measuring") == true && wide.output.contains("of measuring"), "\(wide)")
        for (limit, form) in [("700M", "bf16"), ("450M", "int8")] {
          let narrow = try plan(limit)
          let rounded = narrow.output.contains("are rounded to fit into memory: long in \(form)")
          #expect(narrow.code == 0 && rounded, "\(narrow)")
        }
        let refused = try plan("300M")
        #expect(refused.code == 2, "\(refused)")
        for part in ["stage long", "131072 tokens take", "allowed are 300 MiB", "--set evaluation.passkey=null"] {
          #expect(refused.output.contains(part), "\(part) is not in \(refused.output)")
        }
        let none = ["--set", "evaluation.passkey=null"]
        #expect(try plan("300M", "", none).code == 0)
        for (length, code) in [("4096", 0), ("null", 2)] as [(String, Int32)] {
          let gate = "stages[0].gates=[{passkey: {length: \(length), samples: 1, at_least: 0.5}}]"
          let gated = try plan("300M", "", none + ["--set", gate])
          #expect(gated.code == code, "\(gated)")
        }
        #expect(try plan("300M", ", before: false, after: false").code == 0)
      }
    }

    @Test func `an evaluation that memory cannot hold is refused before anything is written`() throws {
      try Workspace.with { workspace in
        let program = workspace.program
        try TinyModel.write(to: workspace.path("model.gguf"), layers: 200)
        try program.expectFailure(
          2, ["a question of 16777216 tokens to model takes", "--cache bf16 or int8", "--lengths"], "evaluate",
          "model.gguf", "--out", "E", "--suite", "kv", "--lengths", "16M")
        #expect(!FileManager.default.fileExists(atPath: workspace.path("E")))
        let rounded = try program.run(
          "evaluate", "model.gguf", "--out", "E", "--suite", "passkey", "--lengths", "512", "--samples", "1", "--cache",
          "int8")
        #expect(rounded.code == 0, "\(rounded)")
        let exact = try program.run(
          "evaluate", "model.gguf", "--out", "E", "--suite", "passkey", "--lengths", "512", "--samples", "1")
        #expect(exact.code == 2 && exact.errors.contains("results of other tests"), "\(exact)")
      }
    }

    @Test func `an evaluation is interrupted in the middle of a text, and says how far it is`() throws {
      try Workspace.with { workspace in
        try TinyModel.write(to: workspace.path("model.gguf"), layers: 48)
        let running = try workspace.program.start([
          "evaluate", "model.gguf", "--out", "E", "--suite", "passkey", "--lengths", "128K", "--samples", "1",
          "--depths", "1",
        ])
        running.wait { FileManager.default.fileExists(atPath: workspace.path("E/results.jsonl")) }
        usleep(1_500_000)
        running.send(SIGINT)
        let finished = try running.wait()
        #expect(finished.code == 4 && finished.output.contains("goes on from 0 results"), "\(finished)")
        #expect(try workspace.read("E/results.jsonl").isEmpty)
      }
    }
  }
}
