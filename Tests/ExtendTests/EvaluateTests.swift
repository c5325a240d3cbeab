import Foundation
import Testing

extension ProgramTests {
  /// `extend evaluate` from outside.
  @Suite struct EvaluateTests {
    /// Words of a text that is long enough for bytes as tokens.
    static let text = (0..<400).map { "Sentence \($0) has the number \($0 * 7)." }.joined(separator: " ")

    private func lines(_ path: String) throws -> [String] {
      try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test func `every suite leaves results and tables, and a second run asks nothing again`() throws {
      try Workspace.with { workspace in
        try workspace.write(Self.text, to: "text.txt")
        func evaluate(_ suites: String) throws -> Finished {
          try workspace.program.run(
            "evaluate", "model.gguf", "--suite", suites, "--lengths", "2K", "--samples", "1", "--depths", "2",
            "--needle-tasks", "number", "--ruler-tasks", "niah_multikey_2,vt", "--data", "text.txt", "--out", "E")
        }
        let first = try evaluate("passkey,needle,longeval,kv,ruler")
        #expect(first.code == 0, "\(first.errors)")
        let results = try lines(workspace.folder + "/E/results.jsonl")
        // Two depths of passkey, needle and kv; lines; two tasks of RULER. Two topics are longer than 2,048 bytes.
        #expect(results.count == 9)
        #expect(first.errors.contains("1 tests have no room in their length and were left out: topics at 2K"))
        #expect(first.output.contains("RULER, model, mean of 2 tasks"))
        let second = try evaluate("passkey,needle,longeval,kv,ruler,perplexity,short")
        #expect(second.code == 0, "\(second.errors)")
        #expect(second.output.contains("9 results are there already"))
        let all = try lines(workspace.folder + "/E/results.jsonl")
        #expect(Array(all.prefix(9)) == results)
        #expect(all.count == 12)
        let rows = try lines(workspace.folder + "/E/summary.csv")
        #expect(rows[0].hasPrefix("suite,task,length,depth,metric,model,count,value,low,high"))
        #expect(rows.contains { $0.hasPrefix("perplexity,at 0–63,2048,,perplexity,model,63,") })
        #expect(rows.contains { $0.hasPrefix("short,native,32,,perplexity,model,31,") })
        let summary = try JSONSerialization.jsonObject(
          with: Data(contentsOf: URL(filePath: workspace.folder + "/E/summary.json")))
        #expect((summary as? [String: Any])?["models"] as? [String] == ["model"])
      }
    }

    @Test func `questions for other harnesses are those that are asked`() throws {
      try Workspace.with { workspace in
        let suites = [
          "evaluate", "model.gguf", "--suite", "passkey", "--lengths", "1K", "--samples", "2", "--depths", "2",
          "--out", "E",
        ]
        let written = try workspace.program.start(suites + ["--write-questions"]).wait()
        #expect(written.code == 0 && written.output.contains("4 tests in E/questions.jsonl"), "\(written)")
        #expect(try workspace.program.start(suites).wait().code == 0)
        func objects(_ name: String) throws -> [[String: Any]] {
          try lines(workspace.folder + "/E/" + name).map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
          }
        }
        for (question, result) in zip(try objects("questions.jsonl"), try objects("results.jsonl")) {
          let answer = try #require(result["answer"] as? [String: Any])
          #expect(question["promptTokens"] as? Int == answer["promptTokens"] as? Int)
          #expect(question["expected"] as? [String] == answer["expected"] as? [String])
          let coordinates = try #require(question["coordinates"] as? NSDictionary)
          #expect(coordinates.isEqual(result["coordinates"]))
          #expect((question["prompt"] as? String)?.hasPrefix("<|im_start|>") == true)
        }
      }
    }

    @Test func `a model that is compared with itself differs nowhere`() throws {
      try Workspace.with { workspace in
        try workspace.write(Self.text, to: "text.txt")
        try FileManager.default.copyItem(
          atPath: workspace.folder + "/model.gguf", toPath: workspace.folder + "/again.gguf")
        let finished = try workspace.program.run(
          "evaluate", "model.gguf", "again.gguf", "--suite", "passkey,short", "--lengths", "512", "--samples", "2",
          "--depths", "1", "--data", "text.txt", "--out", "E")
        #expect(finished.code == 0, "\(finished.errors)")
        let rows = try lines(workspace.folder + "/E/summary.csv").map {
          $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let again = rows.filter { $0[5] == "again" }
        #expect(again.map { String($0[4]) } == ["score", "perplexity", "divergence", "same_top"])
        #expect(again[0][10] == "0.0" && again[1][10] == "0.0")
        #expect(abs(try #require(Double(again[2][7]))) < 1e-9)
        #expect(again[3][7] == "1.0")
      }
    }

    @Test func `what cannot be done is refused with a reason`() throws {
      try Workspace.with { workspace in
        let program = workspace.program
        try workspace.write(Self.text, to: "text.txt")
        try workspace.write("a b c", to: "short.txt")
        try workspace.write("{\"text\": \"a\"}\n[1]\n", to: "bad.jsonl")
        try program.expectFailure(2, ["--data"], "evaluate", "model.gguf", "--suite", "short", "--out", "E")
        try program.expectFailure(
          2, ["pass", "allowed are passkey"], "evaluate", "model.gguf", "--suite", "pass", "--out", "E")
        try program.expectFailure(2, ["--lengths", "4X"], "evaluate", "model.gguf", "--lengths", "4X", "--out", "E")
        try program.expectFailure(
          2, ["9223372036854775807K"], "evaluate", "model.gguf", "--lengths", "9223372036854775807K", "--out", "E")
        try program.expectFailure(
          2, ["--squad"], "evaluate", "model.gguf", "--suite", "ruler", "--ruler-tasks", "qa_1", "--out", "E")
        try program.expectFailure(3, ["bad.jsonl:2"], "evaluate", "model.gguf", "--data", "bad.jsonl", "--out", "E")
        try program.expectFailure(
          3, ["bad.jsonl"], "evaluate", "model.gguf", "--suite", "ruler", "--squad", "bad.jsonl", "--out", "E")
        try program.expectFailure(3, ["none.gguf"], "evaluate", "none.gguf", "--out", "E")
        try program.expectFailure(
          2, ["32 tokens"], "evaluate", "model.gguf", "--suite", "short", "--data", "short.txt", "--out", "E")
      }
    }

    @Test func `a folder is not continued with other tests`() throws {
      try Workspace.with { workspace in
        func evaluate(_ more: String...) throws -> Finished {
          let given = [
            "evaluate", "model.gguf", "--suite", "passkey", "--lengths", "512", "--samples", "1", "--depths", "1",
          ]
          return try workspace.program.start(given + ["--out", "E"] + more).wait()
        }
        #expect(try evaluate().code == 0)
        let other = try evaluate("--seed", "7")
        #expect(other.code == 2 && other.errors.contains("--seed was 42"))
        let coarse = try evaluate("--precision", "bf16")
        #expect(coarse.code == 2 && coarse.errors.contains("--precision or --cache was another; use"), "\(coarse)")
        #expect(try evaluate("--lengths", "600", "--samples", "2").code == 0)
        #expect(try lines(workspace.folder + "/E/results.jsonl").count == 3)
        try workspace.write("nonsense", to: "E/results.jsonl")
        #expect(try evaluate().code == 0)  // a line without its end is measured again
        try workspace.write("nonsense\n", to: "E/results.jsonl")
        let damaged = try evaluate()
        #expect(damaged.code == 3 && damaged.errors.contains("line 1"))
      }
    }
  }
}
