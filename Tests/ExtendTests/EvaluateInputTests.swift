import Foundation
import Testing

extension ProgramTests {
  /// What `extend evaluate` can be given: exact numbers of lines, conversations, other RoPE bases, folders.
  @Suite struct EvaluateInputTests {
    /// The columns of summary.csv below the heading.
    private func rows(_ workspace: Workspace) throws -> [[String]] {
      try workspace.read("E/summary.csv").split(separator: "\n").dropFirst().map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
    }

    /// Runs the program into the folder E; it must succeed.
    @discardableResult
    private func evaluate(_ workspace: Workspace, _ arguments: String...) throws -> Finished {
      let finished = try workspace.program.start(["evaluate"] + arguments + ["--out", "E"]).wait()
      #expect(finished.code == 0, "\(arguments)\n\(finished.errors)")
      return finished
    }

    @Test func `exact numbers of lines and topics are asked, beside any length, and only once`() throws {
      try Workspace.with { workspace in
        func longeval(_ lines: String, _ samples: String) throws -> Finished {
          try evaluate(
            workspace, "model.gguf", "--suite", "longeval", "--longeval-lines", lines, "--longeval-topics", "1",
            "--lengths", "64", "--samples", samples)
        }
        #expect(try longeval("3,2", "1").output.contains("3 tests to do"))
        let second = try longeval("2,3,4", "2").output
        #expect(second.contains("3 results are there already") && second.contains("5 tests to do"))
        let rows = try self.rows(workspace)
        #expect(rows.map { $0[1] } == ["lines 2", "lines 3", "lines 4", "topics 1"])
        #expect(rows.map { $0[6] } == ["2", "2", "2", "2"])
        // Two lines with their question are some 640 bytes, and each more about 50.
        let lengths = try rows.map { try #require(Int($0[2])) }
        #expect((550..<750).contains(lengths[0]) && lengths[0] < lengths[1] && lengths[1] < lengths[2])
        let program = workspace.program
        for (option, value) in [("--longeval-lines", "0"), ("--longeval-topics", "5,x"), ("--longeval-topics", "641")] {
          try program.expectFailure(
            2, [option, "allowed are"], "evaluate", "model.gguf", "--suite", "longeval", option, value, "--out", "F")
        }
      }
    }

    @Test func `conversations are joined into pieces of every length, in the tokens of each model`() throws {
      try Workspace.with { workspace in
        try FileManager.default.copyItem(atPath: workspace.path("model.gguf"), toPath: workspace.path("again.gguf"))
        let finished = try evaluate(
          workspace, "model.gguf", "again.gguf", "--suite", "perplexity,short", "--data", "conversations.jsonl",
          "--lengths", "256,1K", "--samples", "3")
        let joined = finished.lines.filter {
          $0.contains("conversations joined into pieces: 3 of 32, 3 of 256, 3 of 1K")
        }
        #expect(
          joined.count == 2 && joined[0].hasPrefix("model: ") && joined[1].hasPrefix("again: "), "\(finished.output)")
        // Far from all of the sixty were needed.
        let count = try #require(joined.first?.split(separator: " ")[1]).description
        #expect((8..<40).contains(try #require(Int(count))))
        let rows = try self.rows(workspace),
          own = rows.filter { $0[5] == "model" && ["position", "sliding", "native"].contains($0[1]) }
        #expect(own.map { $0[1] + $0[2] } == ["position256", "position1024", "sliding256", "sliding1024", "native32"])
        // Every piece's tokens but the first; 255 targets at the end of each window.
        #expect(own.map { $0[6] } == ["\(3 * 255)", "\(3 * 1023)", "765", "765", "\(3 * 31)"])
        #expect(rows.filter { $0[5] == "again" && $0[4] == "perplexity" }.allSatisfy { $0[10] == "0.0" })
        let other = try workspace.program.run(
          "evaluate", "model.gguf", "--suite", "short", "--data", "conversations.jsonl", "--data", "tiny.yaml", "--out",
          "E")
        #expect(other.code == 2 && other.errors.contains("the data were others"))
      }
    }

    @Test func `a file of conversations that is cut off is used, and too little of it is refused`() throws {
      try Workspace.with { workspace in
        let records = try workspace.read("conversations.jsonl").split(separator: "\n")
        try workspace.write("[" + records.joined(separator: ",").dropLast(30), to: "cut.json")
        let finished = try evaluate(
          workspace, "model.gguf", "--suite", "perplexity,needle", "--needle-tasks", "number", "--depths", "1",
          "--data",
          "cut.json", "--lengths", "512", "--samples", "1", "--plain")
        #expect(finished.errors.contains("cut.json is cut off at byte") && finished.errors.contains("inside record 60"))
        #expect(finished.errors.contains("haystacks are generated"))
        #expect(finished.output.contains("pieces: 1 of 512 tokens"))
        try workspace.program.expectFailure(
          2, ["all conversations together"], "evaluate", "model.gguf", "--suite", "perplexity", "--data", "cut.json",
          "--lengths", "1M", "--out", "F")
      }
    }

    @Test func `another RoPE base is a model of its own, with the losses of a file that has it`() throws {
      try Workspace.with { workspace in
        try workspace.write(EvaluateTests.text, to: "text.txt")
        try TinyModel.write(to: workspace.path("raised.gguf"), theta: 20_000)
        let common = ["--suite", "short,perplexity", "--data", "text.txt", "--lengths", "512", "--samples", "2"]
        func evaluate(_ more: String..., out: String = "E") throws -> Finished {
          try workspace.program.start(["evaluate"] + more + common + ["--out", out]).wait()
        }
        // First the scaled ones alone, then with the model as it is, which is what they are compared with.
        let alone = try evaluate("model.gguf", "--theta", "20000,1e6", "--theta-only")
        #expect(alone.code == 0, "\(alone.errors)")
        #expect(Set(try self.rows(workspace).map { $0[5] }) == ["model theta 20000", "model theta 1000000"])
        let all = try evaluate("model.gguf", "raised.gguf", "--theta", "20000,1e6")
        #expect(all.code == 0 && all.output.contains("12 results are there already"), "\(all.errors)\n\(all.output)")
        let rows = try self.rows(workspace)
        func values(_ model: String) -> [String] {
          rows.filter { $0[5] == model && $0[4] != "divergence" }.map { $0[7] }
        }
        let models = ["model", "model theta 20000", "model theta 1000000", "raised", "raised theta 20000"]
        #expect(Array(rows.prefix(5).map { $0[5] }) == models)
        #expect(values("model theta 20000") == values("raised") && values("raised") == values("raised theta 20000"))
        #expect(values("model") != values("model theta 20000") && values("model theta 1000000") != values("raised"))
        #expect(rows[0][10] == "" && rows[1][10] != "" && rows[1][10] != "0.0")
        let again = try evaluate("model.gguf", "--theta", "20000", "--theta-only")
        #expect(again.output.contains("0 tests to do"))
        #expect(try self.rows(workspace)[0][5] == "model")
        for (theta, message) in [
          ("1", "above 1"), ("2e4,20000", "twice"), (",", "empty"), ("1e300", "RoPE theta is 1e+300"),
        ] {
          let refused = try evaluate("model.gguf", "--theta", theta, out: "F")
          #expect(refused.code == 2 && refused.errors.contains(message), "\(theta): \(refused.errors)")
        }
        #expect(try evaluate("model.gguf", "--theta-only", out: "F").code == 2)
      }
    }

    @Test func `topics from standard input are told apart, too`() throws {
      try Workspace.with { workspace in
        func evaluate(_ topics: [String]) throws -> Finished {
          let lines = topics.map { #"{"topic": "\#($0)", "conversation": "USER: I would like to discuss \#($0)."}"# }
          return try workspace.program.run(
            "evaluate", "model.gguf", "--suite", "longeval", "--longeval-topics", "2", "--samples", "1", "--topics",
            "-",
            "--out", "E", input: lines.joined(separator: "\n"))
        }
        let first = try evaluate(["salt", "wool"])
        #expect(first.code == 0, "\(first.errors)")
        #expect(try evaluate(["salt", "wool"]).output.contains("1 results are there already"))
        let others = try evaluate(["glass", "chess"])
        #expect(others.code == 2 && others.errors.contains("the data were others"), "\(others)")
      }
    }

    @Test func `a Hugging Face folder is named as it is and answers as the file does`() throws {
      try Workspace.with { workspace in
        let exported = try workspace.program.run(
          "export", "model.gguf", "--format", "huggingface", "--quantization", "f32", "--output", "Tiny-1.5B")
        #expect(exported.code == 0, "\(exported.errors)")
        try workspace.write(EvaluateTests.text, to: "text.txt")
        let arguments = [
          "evaluate", "model.gguf", "./Tiny-1.5B/", "--suite", "passkey,short", "--data", "text.txt", "--lengths",
          "512",
          "--samples", "1", "--depths", "1", "--out", "E",
        ]
        #expect(try workspace.program.start(arguments).wait().code == 0)
        let folder = try rows(workspace).filter { $0[5] == "Tiny-1.5B" }
        #expect(folder.map { $0[4] } == ["score", "perplexity", "divergence", "same_top"])
        #expect(folder[1][10] == "0.0" && folder[3][7] == "1.0")
        let file = try FileHandle(forWritingTo: URL(filePath: workspace.path("Tiny-1.5B/generation_config.json")))
        try file.seekToEnd()
        try file.write(contentsOf: Data("\n".utf8))
        let changed = try workspace.program.start(arguments).wait()
        #expect(changed.code == 2 && changed.errors.contains("the model Tiny-1.5B was"), "\(changed.errors)")
      }
    }
  }
}
