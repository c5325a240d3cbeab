import Foundation
import Testing

extension ProgramTests {
  /// `extend report` from outside.
  @Suite struct ReportTests {
    private func evaluate(_ workspace: Workspace) throws {
      try workspace.write(EvaluateTests.text, to: "text.txt")
      try FileManager.default.copyItem(atPath: workspace.path("model.gguf"), toPath: workspace.path("again.gguf"))
      let finished = try workspace.program.run(
        "evaluate", "model.gguf", "again.gguf", "--suite", "passkey,ruler,perplexity,short", "--ruler-tasks", "vt",
        "--lengths", "1K,2K", "--samples", "1", "--depths", "2", "--data", "text.txt", "--out", "E")
      #expect(finished.code == 0, "\(finished.errors)")
      #expect(finished.output.contains("extend report E"))
      let tables = finished.output.split(separator: "\n").filter { $0.contains("K  ") || $0.contains("  length") }
      #expect(tables.count > 10 && tables.allSatisfy { $0.count <= 80 }, "\(tables)")
    }

    @Test func `a run and an evaluation become one page with pictures and tables, and stay as they were`() throws {
      try Workspace.with { workspace in
        let trained = try workspace.train("run")
        #expect(trained.code == 0 && trained.output.contains("extend report run"), "\(trained.errors)")
        try evaluate(workspace)
        let inputs = [
          "run/metrics.jsonl", "run/evaluation.jsonl", "run/recipe.yaml", "E/results.jsonl", "E/settings.json",
        ]
        let before = try inputs.map(workspace.data)
        let finished = try workspace.program.run("report", "run", "E", "-o", "all.html")
        #expect(finished.code == 0, "\(finished.errors)")
        #expect(try inputs.map(workspace.data) == before)
        let page = try workspace.read("all.html")
        for part in [
          "<h3>Loss</h3>", "<h3>Learning rate</h3>", "<h3>Throughput</h3>", "Before and after", "name: tiny",
          "processor",
          "<h3>passkey, model</h3>", "<h3>passkey, again</h3>", "RULER, model", "Perplexity by position, 1K tokens",
          "Perplexity of the same targets", "Short context, 32 tokens", "mean of 1 task",
          "Does again find more in long texts than model?",
          "passkey at 2K, the longest asked: no difference shown", "<h2>Settings</h2>", "Is it safe to export?",
          "Not asked: the recipe has no gates.",
        ] {
          #expect(page.contains(part), "no \(part)")
        }
        let files = try workspace.names(in: "all")
        for name in [
          "run-loss.svg", "run-learning-rate.svg", "run-throughput.svg", "run-steps.csv", "run-stages.csv",
          "e-passkey-again.svg", "e-passkey-by-task-and-length.csv", "e-ruler-model.csv",
          "e-short-context-32-tokens.csv",
        ] {
          #expect(files.contains(name), "no \(name) in \(files)")
        }
        let steps = try workspace.read("all/run-steps.csv").split(separator: "\n")
        #expect(steps.count == 7)
        let losses = try workspace.metrics("run").compactMap { $0["loss"] as? Double }
        let written = steps.dropFirst().compactMap { Double($0.split(separator: ",")[4]) }
        // The reader of JSON here is right to the last bit but one.
        #expect(written.count == losses.count && zip(written, losses).allSatisfy { abs($0 - $1) < 1e-12 })
      }
    }

    @Test func `a run half done, one not begun and two over each other are shown`() throws {
      try Workspace.with { workspace in
        #expect(try workspace.train("whole").code == 0)
        // As a kill leaves it: one line and a half.
        try FileManager.default.copyItem(atPath: workspace.path("whole"), toPath: workspace.path("half"))
        let lines = try workspace.read("whole/metrics.jsonl").split(separator: "\n")
        try workspace.write("\(lines[0])\n\(lines[1].prefix(40))", to: "half/metrics.jsonl")
        try workspace.write("", to: "half/evaluation.jsonl")
        try FileManager.default.removeItem(atPath: workspace.path("half/machine.json"))
        try FileManager.default.createDirectory(atPath: workspace.path("none"), withIntermediateDirectories: true)
        try workspace.write(try workspace.read("whole/recipe.yaml"), to: "none/recipe.yaml")
        let half = try workspace.program.run("report", "half")
        #expect(half.code == 0 && half.output.contains("half/report.html"), "\(half)")
        #expect(try workspace.read("half/report.html").contains("1 steps; the recipe has 6 in 2 stages"))
        #expect(try workspace.read("half/metrics.jsonl").hasSuffix(String(lines[1].prefix(40))))
        #expect(try workspace.program.run("report", "none").code == 0)
        #expect(try workspace.read("none/report.html").contains("No step yet."))
        #expect(try workspace.program.run("report", "whole", "half", "none", "-o", "three.html").code == 0)
        let page = try workspace.read("three.html")
        #expect(page.contains("All runs") && page.contains("whole, step 1") && page.contains("half, step 1"))
        let table = try workspace.read("three/all-runs-stages.csv").split(separator: "\n")
        #expect(
          table.map { $0.split(separator: ",").prefix(3).joined(separator: " ") } == [
            "run stage steps", "whole first 3", "whole second 3", "half first 1",
          ])
      }
    }

    @Test func `gates have a table, and their answers heat maps`() throws {
      try Workspace.with { workspace in
        try workspace.write(
          Workspace.recipe(steps: 2).replacing(
            "context: 128, rope: { theta: critical }",
            with: "context: 512, rope: { theta: critical }, gates: [short_perplexity: { samples: 1, at_most: 1000 }, "
              + "passkey: { samples: 1, depths: [0, 1], at_least: 0.9 }]"), to: "tiny.yaml")
        #expect(try workspace.train("run").code == 5)
        #expect(try workspace.program.run("report", "run").code == 0)
        let page = try workspace.read("run/report.html")
        for part in [
          "A gate failed after the last step.", "at a gate that failed", "No, in stage second: passkey at 512 is 0",
          "<th scope=\"row\">second</th>", "short_perplexity ÷ that of the base",
          "≥ 0.9",
          "<td class=\"number good\">passed</td>", "<td class=\"number bad\">failed</td>", "Gates: passkey",
          "passkey, second step 2", "passkey at 512 tokens, depth 100 %: 0 % of 1",
        ] {
          #expect(page.contains(part), "no \(part)")
        }
        // Its one table is a file: nothing is left to be explained.
        #expect(!page.contains("Gates: Short context"))
        #expect(try workspace.names(in: "run/report").contains("short-context-32-tokens.csv"))
        // The verdicts are not lost with the answers.
        try FileManager.default.removeItem(atPath: workspace.path("run/gates.jsonl"))
        #expect(try workspace.program.run("report", "run").code == 0)
        #expect(try workspace.read("run/report.html").contains("<td class=\"number bad\">failed</td>"))
      }
    }

    @Test func `at a glance stands what the newest round of a stage measured`() throws {
      try Workspace.with { workspace in
        try workspace.write(
          Workspace.recipe(steps: 2).replacing(
            "context: 128, rope: { theta: critical }",
            with:
              "context: 512, rope: { theta: critical }, repeats: 1, gates: [perplexity: { samples: 1, at_most: 1.001 }]"
          ), to: "tiny.yaml")
        #expect(try workspace.train("run").code == 5)
        let records = try workspace.read("run/evaluation.jsonl").split(separator: "\n").compactMap {
          try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        let losses = records.filter { $0["moment"] as? String == "after" && $0["stage"] as? Int == 2 }.compactMap {
          ($0["heldOutLoss"] as? Double).map { String(format: "held-out loss %.4g", $0) }
        }
        #expect(losses.count == 2 && losses[0] != losses[1], "\(losses)")
        #expect(try workspace.program.run("report", "run").code == 0)
        #expect(try workspace.read("run/report.html").contains("After stage second at 512 tokens: \(losses[1])"))
      }
    }

    @Test func `what is no run and no evaluation is refused with a reason`() throws {
      try Workspace.with { workspace in
        let program = workspace.program
        try FileManager.default.createDirectory(atPath: workspace.path("empty"), withIntermediateDirectories: true)
        try program.expectFailure(3, ["empty", "neither a run", "extend train"], "report", "empty")
        try program.expectFailure(3, ["none"], "report", "none")
        try program.expectFailure(2, ["--output", ".html"], "report", "empty", "-o", "page.pdf")
        try FileManager.default.createDirectory(atPath: workspace.path("E"), withIntermediateDirectories: true)
        try workspace.write("nonsense\n", to: "E/results.jsonl")
        try program.expectFailure(3, ["E/results.jsonl", "line 1"], "report", "E")
        try workspace.write("", to: "E/results.jsonl")
        try program.expectFailure(
          3, ["nowhere/page.html", "cannot be written"], "report", "E", "-o", "/dev/null/nowhere/page.html")
        // Its pictures would stand among the results.
        for page in ["E.html", "./empty/../E.html", workspace.path("E.html")] {
          try program.expectFailure(2, ["--output", "E.html", "another name"], "report", "E", "-o", page)
        }
        #expect(try workspace.names(in: "E") == ["results.jsonl"])
        #expect(try program.run("report", "E").code == 0)
        #expect(try workspace.read("E/report.html").contains("No result yet."))
      }
    }
  }
}
