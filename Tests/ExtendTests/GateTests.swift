import Foundation
import Testing

extension ProgramTests {
  /// Stages that demand something at their ends, from outside.
  @Suite struct GateTests {
    /// Two stages; the first is measured in texts held out, the second asks for numbers.
    private static func recipe(_ first: String, _ second: String = "[]", repeats: Int = 0, steps: Int = 4) -> String {
      """
      name: gated
      model: model.gguf
      data: { paths: [conversations.jsonl], labels: all, held_out: 0.3 }
      seed: 5
      stages:
        - { name: first, context: 128, rope: { theta: critical }, steps: \(steps), batch_size: 2, learning_rate: 2e-3,
            repeats: \(repeats), gates: \(first) }
        - { name: second, context: 512, rope: { theta: critical }, steps: 2, learning_rate: 1e-3, gates: \(second) }
      checkpoints: { every_steps: 1 }
      evaluation: { held_out_sequences: 1 }

      """
    }

    private struct Gates: Decodable {
      struct Result: Decodable {
        var subject: String, measured: Double?, isPassed: Bool
      }
      var moment: String, stageName: String, stepInStage: Int?, gates: [Result]?
    }

    /// What a run noted about its gates.
    private func noted(_ workspace: Workspace, _ run: String) throws -> [Gates] {
      try workspace.read(run + "/evaluation.jsonl").split(separator: "\n").map {
        try JSONDecoder().decode(Gates.self, from: Data($0.utf8))
      }.filter { $0.moment == "gates" }
    }

    /// The answers and losses of a run's gates, without the times.
    private func answers(_ workspace: Workspace, _ run: String) throws -> [NSDictionary] {
      try workspace.read(run + "/gates.jsonl").split(separator: "\n").map {
        var line = try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        line["seconds"] = nil
        return line as NSDictionary
      }
    }

    @Test func `a gate that is passed lets the run go on, one that fails stops it with everything saved`() throws {
      try Workspace.with { workspace in
        let failing =
          "[passkey: { samples: 1, depths: [0, 1], at_least: 0.9 }, perplexity: { samples: 1, at_most: 1.5 }]"
        try workspace.write(Self.recipe("[short_perplexity: { samples: 2, at_most: 1 }]", failing), to: "tiny.yaml")
        let stopped = try workspace.train("run")
        #expect(stopped.code == 5 && !stopped.isCrash, "\(stopped)")
        for part in [
          "stage second, after step 2", "passkey at 512 is 0, demanded is ≥ 0.9", "perplexity at 512 is", "≤ 1.5",
          "Everything is saved", "stages[1].repeats", "run/recipe.yaml", "extend resume run --accept-changes",
        ] {
          #expect(stopped.errors.contains(part), "\(part) is not in \(stopped.errors)")
        }
        #expect(stopped.output.contains("gate passed: short_perplexity ÷ that of the base"))
        let first = try noted(workspace, "run")
        #expect(first.map(\.stageName) == ["first", "second"] && first.map(\.stepInStage) == [4, 2])
        #expect(first.map { $0.gates?.map(\.isPassed) } == [[true], [false, false]])
        #expect(try #require(first[0].gates?[0].measured) < 1, "training has not lowered the perplexity")
        #expect(try workspace.names(in: "run/checkpoints").last == "stage02-step000002.h5")
        #expect(try workspace.program.run("status", "run").output.contains("stopped at a gate that failed"))

        // Nothing has changed, so nothing is asked again and the answer is the same.
        let (asked, log) = (try workspace.data("run/gates.jsonl"), try workspace.data("run/evaluation.jsonl"))
        let again = try workspace.resume("run")
        #expect(again.code == 5 && again.errors == stopped.errors, "\(again)")
        #expect(try workspace.data("run/gates.jsonl") == asked && workspace.data("run/evaluation.jsonl") == log)

        // With a lower demand what was measured is enough; the run ends as one that demanded nothing.
        let recipe = try workspace.read("run/recipe.yaml")
        let passkey = try #require(recipe.range(of: "  - passkey:")),
          perplexity = try #require(recipe.range(of: "  - perplexity:"))
        try workspace.write(
          recipe.replacingCharacters(in: passkey.lowerBound..<perplexity.lowerBound, with: "")
            .replacing("at_most: 1.5", with: "at_most: 1000"), to: "run/recipe.yaml")
        let lowered = try workspace.resume("run", "--accept-changes")
        #expect(lowered.code == 0, "\(lowered.errors)")
        #expect(try workspace.data("run/gates.jsonl") == asked)
        #expect(try noted(workspace, "run").last?.gates?.map(\.isPassed) == [true])
        #expect(try workspace.program.run("status", "run").output.contains("complete"))
        try workspace.write(Self.recipe("[]"), to: "tiny.yaml")
        #expect(try workspace.train("free").code == 0)
        #expect(try workspace.result("run") == workspace.result("free"))
      }
    }

    @Test func `agreement with the base is what extend evaluate finds, and is measured once`() throws {
      try Workspace.with { workspace in
        try workspace.write(EvaluateTests.text, to: "text.txt")
        let gates = "[short_divergence: { samples: 3, at_most: 9 }, short_same_top: { samples: 3, at_least: 0.0001 }]"
        try workspace.write(
          Self.recipe(gates, "[short_divergence: { samples: 3, at_most: 1e-9 }]").replacing(
            "held_out_sequences: 1", with: "texts: text.txt"), to: "tiny.yaml")
        let stopped = try workspace.train("run")
        #expect(stopped.code == 5 && stopped.errors.contains("short_divergence from the base in nats is"), "\(stopped)")
        let results = try noted(workspace, "run").map { try #require($0.gates) }
        #expect(results.map { $0.map(\.isPassed) } == [[true, true], [false]])
        #expect(results[0].map(\.subject) == ["short_divergence from the base in nats", "short_same_top as the base"])
        // Three pieces after each stage, for both measures.
        #expect(
          try answers(workspace, "run").map { $0["coordinates"] as? NSDictionary }.map { $0?["task"] as? String }
            == Array(repeating: "agreement", count: 6))
        // The same by another way: the model as it stopped, exported and evaluated beside the first.
        let exported = try workspace.program.run("export", "run", "--quantization", "f32", "--output", "tuned.gguf")
        #expect(exported.code == 0, "\(exported.errors)")
        let evaluated = try workspace.program.run(
          "evaluate", "model.gguf", "tuned.gguf", "--suite", "short", "--samples", "3", "--data", "text.txt", "--out",
          "E")
        #expect(evaluated.code == 0, "\(evaluated.errors)")
        let row = try #require(
          try workspace.read("E/summary.csv").split(separator: "\n").first { $0.contains(",divergence,tuned,") })
        let divergence = try #require(Double(row.split(separator: ",", omittingEmptySubsequences: false)[7]))
        let measured = try #require(results[1][0].measured)
        #expect(divergence > 0 && abs(measured - divergence) < 1e-6 * divergence, "\(measured) and \(divergence)")
      }
    }

    @Test func `a stage is repeated until its gate is passed, or as often as the recipe says`() throws {
      try Workspace.with { workspace in
        try workspace.write(
          Self.recipe("[perplexity: { samples: 2, at_most: 1.001 }]", repeats: 2, steps: 3), to: "tiny.yaml")
        let never = try workspace.train("never")
        #expect(
          never.code == 5 && never.output.contains("stage first is trained again, to step 6 of at most 9"), "\(never)")
        let measured = try noted(workspace, "never").map { try #require($0.gates?[0].measured) }
        #expect(try noted(workspace, "never").map(\.stepInStage) == [3, 6, 9])
        #expect(measured.count == 3 && measured[1] < measured[0] && measured[2] < measured[1], "\(measured)")
        let steps = try workspace.metrics("never")
        #expect(steps.map { $0["stepInStage"] as? Int } == Array(1...9))

        // Half-way between what one round and two bring.
        try workspace.write(
          Self.recipe(
            "[perplexity: { samples: 2, at_most: \((measured[0] + measured[1]) / 2) }]", repeats: 2, steps: 3),
          to: "tiny.yaml")
        let second = try workspace.train("second")
        #expect(second.code == 0, "\(second)")
        let lines = try workspace.metrics("second")
        #expect(lines.map { $0["stage"] as? Int } == [1, 1, 1, 1, 1, 1, 2, 2])
        #expect(lines.prefix(6).map { $0["loss"] as? Double } == steps.prefix(6).map { $0["loss"] as? Double })
        #expect(try noted(workspace, "second").map { $0.gates?[0].isPassed } == [false, true])
        #expect(try workspace.names(in: "second/checkpoints").contains("stage01-step000006.h5"))
      }
    }

    @Test func `a run killed while gates are measured and among repetitions ends with the same bits and answers`()
      throws
    {
      try Workspace.with { workspace in
        // Perplexity first fails, then passes: three lines of it, then two hundred numbers asked for.
        try workspace.write(
          Self.recipe("[perplexity: { samples: 2, at_most: 1.001 }]", repeats: 1, steps: 3), to: "tiny.yaml")
        #expect(try workspace.train("probe").code == 5)
        let measured = try noted(workspace, "probe").map { try #require($0.gates?[0].measured) }
        let limit = (measured[0] + measured[1]) / 2
        let questions = "passkey: { samples: 100, depths: [0, 1], at_least: 0.5 }"
        try workspace.write(
          Self.recipe("[perplexity: { samples: 2, at_most: \(limit) }]", "[\(questions)]", repeats: 1, steps: 3),
          to: "tiny.yaml")
        #expect(try workspace.train("whole", threads: 2).code == 5)
        let lines = try answers(workspace, "whole").count
        #expect(lines == 2 + 2 + 200)

        func lineCount() -> Int { ((try? workspace.data("killed/gates.jsonl")) ?? Data()).count { $0 == 10 } }
        // In the repetition; in or after its losses; with some numbers of two hundred.
        let moments: [() -> Bool] = [
          { workspace.stepCount("killed") >= 4 }, { lineCount() >= 3 }, { lineCount() >= 6 }, { lineCount() >= 70 },
        ]
        var kills = 0
        for (number, moment) in moments.enumerated() {
          let running = try workspace.program.start(
            number == 0 ? workspace.training("killed", threads: 1) : workspace.resuming("killed", threads: 1))
          running.wait(until: moment)
          running.send(SIGKILL)
          if try running.wait().isCrash, lineCount() < lines { kills += 1 }
        }
        #expect(kills >= 3, "only \(kills) kills hit")
        let end = try workspace.resume("killed", threads: 1)
        #expect(end.code == 5, "\(end)")
        #expect(try answers(workspace, "killed") == answers(workspace, "whole"))
        #expect(try workspace.result("killed") == workspace.result("whole"))
        let (one, other) = (try noted(workspace, "killed"), try noted(workspace, "whole"))
        #expect(one.map(\.stepInStage) == [3, 6, 2] && other.map(\.stepInStage) == [3, 6, 2])
        #expect(one.map { $0.gates?.map(\.measured) } == other.map { $0.gates?.map(\.measured) })
      }
    }

    @Test func `gates that nothing can be asked for are refused before anything is trained`() throws {
      try Workspace.with { workspace in
        try workspace.write(Self.recipe("[passkey: 0.9]"), to: "tiny.yaml")
        try workspace.program.expectFailure(
          2, ["stages[0].gates[0].passkey", "no test passkey fits into 128 tokens"], "train", "--recipe", "tiny.yaml",
          "--output",
          "none", "--cache", "cache")
        #expect(!FileManager.default.fileExists(atPath: workspace.path("none/recipe.yaml")))
        try workspace.write("A short text.", to: "short.txt")
        try workspace.write(
          Self.recipe("[short_perplexity: 1.03]").replacing("held_out_sequences: 1", with: "texts: short.txt"),
          to: "tiny.yaml")
        try workspace.program.expectFailure(
          2, ["stages[0].gates[0].short_perplexity", "no text of 32 tokens", "evaluation.texts"], "train", "--recipe",
          "tiny.yaml",
          "--output", "none", "--cache", "cache")
        try workspace.program.expectFailure(
          3, ["conversations.jsonl: found conversations", "allowed here are texts"], "train", "--recipe", "tiny.yaml",
          "--set", "evaluation.texts=conversations.jsonl", "--output", "none", "--cache", "cache")
        let checked = try workspace.program.run("check", "tiny.yaml")
        #expect(
          checked.output.contains(
            "gates of first: short_perplexity ÷ that of the base ≤ 1.03; if one fails, the run stops"))
        try workspace.program.expectFailure(
          2, ["stages[0].gates[0].passkey.length", "256", "the stage trains 128 tokens"], "check", "tiny.yaml", "--set",
          "stages[0].gates=[passkey: { length: 256, at_least: 1 }]")
      }
    }
  }
}
