import Foundation
import Testing

extension ProgramTests {
  /// `extend data`, and training on every format it reads.
  @Suite struct DataTests {
    private static let question = "what is the name of number 7?", answer = "the number 7 has the name n49."

    /// One record of each shape.
    private static let shapes: [(name: String, record: String)] = [
      (
        "sharegpt",
        #"{"conversations": [{"from": "human", "value": "\#(question)"}, {"from": "gpt", "value": "\#(answer)"}]}"#
      ),
      (
        "openai",
        #"{"messages": [{"role": "user", "content": "\#(question)"}, {"role": "assistant", "content": "\#(answer)"}]}"#
      ),
      ("ultrachat", #"{"id": "0", "data": ["\#(question)", "\#(answer)"]}"#),
      ("alpaca", #"{"instruction": "\#(question)", "input": "", "output": "\#(answer)"}"#),
      ("completion", #"{"prompt": "\#(question)", "completion": "\#(answer)"}"#),
    ]

    private static func lines(_ record: String) -> String {
      (0..<40).map { record.replacing("7", with: "\($0 + 10)").replacing("n49", with: "n\($0)") }
        .joined(separator: "\n")
    }

    private func gzip(_ name: String, in workspace: Workspace) throws {
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", "exec gzip -k '\(workspace.path(name))'"]
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
    }

    @Test func everyFormatTrainsPackedOrNot() throws {
      try Workspace.with(steps: 1) { workspace in
        for (name, record) in Self.shapes {
          let lines = Self.lines(record)
          try workspace.write(name == "openai" ? "[" + lines.replacing("\n", with: ",\n") + "]" : lines, to: name)
        }
        try workspace.write(
          (0..<40).map { "number \($0) has the name n\($0 * 7), and so on." }.joined(separator: "\n\n"), to: "prose")
        for name in Self.shapes.map(\.name) + ["prose"] {
          try gzip(name, in: workspace)
          var losses: Set<[Double]> = []
          for file in [name, name + ".gz"] {
            let trained = try workspace.program.start(
              workspace.training("run-" + file) + ["--data", file, "--set", "data.text=blank_lines"]
            ).wait()
            #expect(trained.code == 0, "\(file): \(trained.output)\n\(trained.errors)")
            let result = try workspace.result("run-" + file)
            losses.insert(result.losses + result.gradientNorms)
          }
          #expect(losses.count == 1, "\(name): packed and plain differ")
        }
      }
    }

    @Test func cleaningRulesOfARecipeRunAndAreReported() throws {
      try Workspace.with(steps: 1) { workspace in
        try workspace.write(
          Self.lines(Self.shapes[1].record) + "\n" + Self.shapes[1].record.replacing("has", with: "openai"), to: "x")
        let arguments = workspace.training("run") + ["--data", "x", "--set", "data.cleaning.rules=[vendor_names]"]
        let trained = try workspace.program.start(arguments).wait()
        #expect(trained.code == 0, "\(trained.errors)")
        #expect(trained.lines.contains { $0.hasPrefix("vendor_names: conversations left out") && $0.hasSuffix(" 1") })
        #expect(try workspace.read("run/recipe.yaml").contains("rules: [vendor_names]"))
        try workspace.program.expectFailure(
          2, ["data.cleaning.rules[0]", "vendor_names"], "check", "tiny.yaml", "--set", "data.cleaning.rules=[vendors]")
        try workspace.program.expectFailure(
          2, ["split_length"], "check", "tiny.yaml", "--set", "data.cleaning.rules=[split_long]")
        let checked = try workspace.program.run("check", "tiny.yaml", "--set", "data.cleaning.rules=all")
        #expect(checked.code == 0, "\(checked.errors)")
      }
    }

    @Test func anInspectionShowsFormatsPlacesAndLengths() throws {
      try Workspace.with { workspace in
        try workspace.write(Self.lines(Self.shapes[0].record) + "\n{\"messages\": [\n", to: "x.jsonl")
        let shown = try workspace.program.run(
          "data", "inspect", "x.jsonl", "--model", "model.gguf", "--recipe", "tiny.yaml")
        #expect(shown.code == 0, "\(shown.errors)")
        for part in [
          "JSON Lines", "41 records, 40 ShareGPT", "line 41, record 41", "en 40", "length in tokens",
          "reach a context of", "128",
        ] {
          #expect(shown.output.contains(part), "\(part) in \(shown.output)")
        }
        let json = try workspace.program.run("data", "inspect", "x.jsonl", "--json", "--lengths", "10,100000")
        #expect(json.json?["conversations"] as? Int == 40 && json.json?["unit"] as? String == "characters")
        let reach = json.json?["reach"] as? [[String: Int]]
        #expect(reach?.map { $0["conversations"] } == [40, 0])
        try workspace.write("[" + Self.shapes[0].record + ", {", to: "cut")
        let cut = try workspace.program.run("data", "inspect", "cut", "--json")
        #expect(cut.json?["conversations"] as? Int == 1 && cut.errors.contains("cut off"), "\(cut.output)")
        try workspace.program.expectFailure(3, ["absent"], "data", "inspect", "absent")
        try workspace.program.expectFailure(2, ["--lengths"], "data", "inspect", "x.jsonl", "--lengths", "1,x")
        try workspace.program.expectFailure(3, ["model.gguf", "JSON Lines"], "data", "inspect", "model.gguf")
      }
    }

    @Test func preparingWritesAFileThatTrainsAndAReport() throws {
      try Workspace.with(steps: 1) { workspace in
        let records = Self.lines(Self.shapes[3].record)
        try workspace.write(
          records + "\n" + records + "\n" + Self.shapes[0].record.replacing("has", with: "ChatGPT"), to: "x")
        for form in ["openai", "sharegpt"] {
          let done = try workspace.program.run(
            "data", "prepare", "x", "-o", form, "--form", form, "--without", "near_duplicates", "--keep-languages", "en"
          )
          #expect(done.code == 0, "\(done.errors)")
          let written = try workspace.read(form).split(separator: "\n")
          #expect(written.count == 40)
          let key = form == "openai" ? "messages" : "conversations"
          for line in written {
            let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect((record?[key] as? [[String: Any]])?.count == 2)
          }
          let report = try JSONSerialization.jsonObject(with: workspace.data(form + ".report.json")) as? [String: Any]
          #expect(report?["conversations"] as? Int == 40 && report?["conversationsRead"] as? Int == 81)
          let trained = try workspace.program.start(workspace.training("run-" + form) + ["--data", form]).wait()
          #expect(trained.code == 0, "\(trained.errors)")
        }
        try workspace.program.expectFailure(2, ["exists already", "--force"], "data", "prepare", "x", "-o", "openai")
        let forced = try workspace.program.run("data", "prepare", "x", "-o", "openai", "--force")
        #expect(forced.code == 0, "\(forced.errors)")
      }
    }

    @Test func wrongRulesAndOptionsAreRefusedWithWhatIsAllowed() throws {
      try Workspace.with { workspace in
        let program = workspace.program
        try program.expectFailure(
          2, ["htm", "allowed are none, fastchat, all, html_to_markdown", "near_duplicates"],
          "data", "prepare", "conversations.jsonl", "-o", "out", "--rules", "htm")
        try program.expectFailure(
          2, ["klingon", "allowed are en, de"], "data", "prepare", "conversations.jsonl", "-o", "out",
          "--keep-languages", "klingon")
        try program.expectFailure(
          2, ["split_long needs a length"], "data", "prepare", "conversations.jsonl", "-o", "out", "--rules",
          "split_long")
        try program.expectFailure(
          2, ["--near-hashes"], "data", "prepare", "conversations.jsonl", "-o", "out", "--near-hashes", "100")
        for report in ["out", "./conversations.jsonl"] {
          try program.expectFailure(
            2, ["the report would replace", "another --report"], "data", "prepare", "conversations.jsonl", "-o", "out",
            "--report", report, "--force")
        }
        #expect(try workspace.read("conversations.jsonl") == Workspace.conversations)
        try program.expectFailure(
          3, ["no-such-folder"], "data", "prepare", "conversations.jsonl", "-o", "no-such-folder/out")
        let rules = try program.run("data", "rules")
        #expect(
          rules.code == 0 && rules.output.contains("near_duplicates") && rules.output.contains("fastchat: html_to"))
        #expect(try workspace.names(in: ".").allSatisfy { !$0.hasPrefix("out") || $0.hasSuffix(".out") })
      }
    }

    @Test func hostileFilesTakeNoMoreMemoryThanFourTimesTheirSize() throws {
      let size = 24 << 20
      func filled(_ start: String, _ unit: String, _ end: String) -> String {
        start + String(repeating: unit, count: size / unit.utf8.count) + end
      }
      let turn = #"{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}"#
      let files = [
        ("one long text", filled(#"{"text": ""#, "words and words ", #""}"#)),
        ("a long key", filled("[{\"", "a", "\": 1}]")), ("a long scalar", filled("[\"", "a", "\"]")),
        ("empty turns", filled(#"{"data": ["#, "\"\",", "\"\"]}")), ("numbers", filled(#"{"x": ["#, "1,", "1]}")),
        ("nesting", filled("[", "[", "")), ("short records", filled("", turn + "\n", "")),
        ("the shortest records", filled("", #"{"text":""}"# + "\n", "")),
        ("parts of chats", (0..<size / 28).map { #"{"id":"\#($0)_1","text":""}"# + "\n" }.joined()),
        ("broken lines", filled("{\"a\n", "{\n", "")), ("prose", filled("", "word by word it goes\n", "")),
      ]
      try Workspace.with { workspace in
        func peak(_ file: String) throws -> Int {
          let running = try workspace.program.start(["data", "inspect", file])
          var peak = 0
          running.wait {
            let status =
              (try? String(contentsOfFile: "/proc/\(running.process.processIdentifier)/status", encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
            peak = max(peak, (Int(line.filter(\.isNumber)) ?? 0) * 1024)
            return false
          }
          let ended = try running.wait()
          #expect(!ended.isCrash && ended.code == 0, "\(file): \(ended.errors.prefix(300))")
          return peak
        }
        try workspace.write(turn, to: "small")
        let program = try peak("small")
        for (name, content) in files {
          try workspace.write(content, to: name)
          let more = try peak(name) - program
          print("measured: \(name): \(more / 1_000_000) MB above the program's own \(program / 1_000_000) MB")
          #expect(more < 4 * size, "\(name): \(more) bytes for a file of \(size)")
        }
      }
    }
  }
}
