import Foundation
import GGUFFormat
import LlamaModel
import ModelFiles
import TensorCore
import TestSupport
import Testing

extension ProgramTests {
  /// What an attack found; each of these once ended in a crash, a hang or a loss.
  @Suite struct HostileInputTests {
    @Test func standardStreamsThatAreClosedAreNoCrash() throws {
      try Workspace.with { workspace in
        for command in ["recipes", "recipes show quickstart", "check tiny.yaml", "inspect model.gguf", "check absent"] {
          let expected: Int32 = command == "check absent" ? 2 : 0
          for redirection in [">&-", "2>&-", ">&- 2>&- <&-", "2>/dev/full"] {
            let ended = try shell(workspace, "extend \(command) \(redirection)")
            #expect(ended.code == expected, "extend \(command) \(redirection): \(ended)")
          }
        }
        let usage = try shell(workspace, "extend bogus 2>&-")
        #expect(usage.code == 2, "\(usage)")
      }
    }

    @Test func trainingWithClosedStreamsWritesWholeFiles() throws {
      try Workspace.with { workspace in
        let line = workspace.training("run").joined(separator: " ")
        let ended = try shell(workspace, "extend \(line) >&- 2>&- <&-")
        #expect(ended.code == 0, "\(ended)")
        #expect(try workspace.read("run/metrics.jsonl").hasPrefix("{"))
        #expect(try workspace.result("run").exitCode == 0)
      }
    }

    @Test func aFileSizeLimitIsAnErrorAndNoSignal() throws {
      try Workspace.with { workspace in
        let ended = try shell(workspace, "ulimit -f 20; extend export model.gguf --output out.gguf 2>&1")
        #expect(ended.code == 3 && ended.output.contains("out.gguf"), "\(ended)")
        #expect(!FileManager.default.fileExists(atPath: workspace.path("out.gguf")))
      }
    }

    @Test func exportingWhileARunTrainsDoesNotDisturbIt() throws {
      try Workspace.with(steps: 100_000) { workspace in
        let running = try workspace.program.start(workspace.training("run", threads: 1))
        defer { running.send(SIGKILL) }
        running.wait { workspace.stepCount("run") >= 2 }
        for _ in 0..<25 {
          let exported = try workspace.program.run("export", "run", "--output", "out.gguf")
          #expect(exported.code == 0, "\(exported)")
        }
        running.send(SIGTERM)
        let stopped = try running.wait()
        #expect(stopped.code == 4 && !stopped.isCrash, "the run was disturbed: \(stopped.errors)")
      }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting a small disk needs root"))
    func aFullDiskUnderTheCacheIsAnError() throws {
      try Workspace.with { workspace in
        let disk = SmallDisk(path: workspace.path("disk"))
        try disk.mount(kibibytes: 64)
        defer { disk.unmount() }
        try workspace.program.expectFailure(
          3, ["disk"], "train", "--recipe", "tiny.yaml", "--output", "run", "--cache", "disk/cache")
        let tokens = try workspace.names(in: "disk/cache").filter { $0.hasPrefix("tokens-") }
        #expect(tokens.isEmpty, "nothing half written stays")
      }
    }

    @Test func aPipeIsNeitherOverwrittenNorWaitedFor() throws {
      try Workspace.with { workspace in
        #expect(mkfifo(workspace.path("pipe"), 0o600) == 0)
        try workspace.program.expectFailure(3, ["pipe"], "export", "model.gguf", "--output", "pipe")
        try workspace.program.expectFailure(3, ["pipe"], "inspect", "pipe")
        try workspace.program.expectFailure(3, ["pipe"], "export", "pipe", "--output", "out.gguf")
        for data in ["pipe", "/dev/zero"] {
          try workspace.program.expectFailure(
            3, [data, "write its content to a file"], "train", "--recipe", "tiny.yaml", "--data", data, "--output",
            "run", "--cache", "cache")
        }
        let type = try FileManager.default.attributesOfItem(atPath: workspace.path("pipe"))[.type] as? FileAttributeType
        #expect(type != .typeRegular, "the pipe was replaced")
      }
    }

    @Test func absurdNumbersOfAModelAreRefused() throws {
      try Workspace.with { workspace in
        let whole = try workspace.data("model.gguf")
        func write(_ key: String, _ value: UInt32) throws {
          var bytes = whole
          let place = try #require(whole.range(of: Data(key.utf8))).upperBound + 4
          withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(place..<place + 4, with: $0) }
          try bytes.write(to: URL(filePath: workspace.path("bad.gguf")))
        }
        try write("llama.block_count", 1 << 24)
        try workspace.program.expectFailure(3, ["bad.gguf", "layerCount"], "tokenize", "bad.gguf", "tiny.yaml")
        try write("llama.context_length", .max)
        let long = try workspace.program.run("export", "bad.gguf", "--output", "out.gguf")
        #expect(long.code == 0 && !long.isCrash, "\(long)")
        try write("llama.rope.freq_base", Float(3e38).bitPattern)
        let steep = try workspace.program.run("export", "bad.gguf", "--output", "out.gguf")
        #expect(steep.code == 0 && !steep.isCrash, "\(steep)")
        try write("tokenizer.ggml.bos_token_id", 261)
        try workspace.program.expectFailure(
          3, ["bad.gguf", "bos_token_id"], "export", "bad.gguf", "--output", "out.gguf")
        try write("tokenizer.ggml.bos_token_id", .max)
        try workspace.program.expectFailure(3, ["bad.gguf", "bos_token_id"], "tokenize", "bad.gguf", "tiny.yaml")
      }
    }

    @Test func weightsThatGiveNoFiniteScoresAreToldApart() throws {
      try Workspace.with { workspace in
        let model = Llama(TinyModel.configuration) { parameter in
          Tensor(parameter.shape, [Float](repeating: 3e38, count: parameter.shape.count), isParameter: true)
        }
        try export(model, source: TinyModel.metadata, storage: .f32, to: workspace.path("ruined.gguf"))
        for option in ["--json", "--ignore-stop"] {
          try workspace.program.expectFailure(
            3, ["ruined.gguf", "finite"], "generate", "ruined.gguf", "--prompt", "a", "--max-tokens", "2", option)
        }
        let chat = try workspace.program.run("chat", "ruined.gguf", "--max-tokens", "2", input: "a\n")
        #expect(chat.code == 3 && chat.errors.contains("ruined.gguf: found scores that are not finite"), "\(chat)")
      }
    }

    @Test func lossesThatAreNoNumbersHaveTablesAndAPage() throws {
      try Workspace.with { workspace in
        // Norms of a hundred million make logits so far apart that a perplexity is beyond every number.
        var random = SplitMix64(seed: 3)
        let model = Llama(TinyModel.configuration) { parameter in
          let isNorm = parameter.shape.extents.count == 1
          return Tensor(
            parameter.shape,
            isNorm
              ? [Float](repeating: 1e8, count: parameter.shape.count)
              : random.normals(parameter.shape.count, scale: 0.1),
            isParameter: true)
        }
        try export(model, source: TinyModel.metadata, storage: .f32, to: workspace.path("far.gguf"))
        try workspace.write(EvaluateTests.text, to: "text.txt")
        for _ in 0..<2 {
          let finished = try workspace.program.run(
            "evaluate", "model.gguf", "far.gguf", "--suite", "perplexity,short", "--data", "text.txt", "--lengths",
            "128",
            "--samples", "1", "--out", "E")
          #expect(finished.code == 0, "\(finished)")
        }
        #expect(try workspace.read("E/summary.csv").contains(",far,127,inf,"))
        #expect(try workspace.read("E/summary.json").contains("\"value\":\"inf\""))
        #expect(try workspace.program.run("report", "E").code == 0)
      }
    }

    @Test func resultsThatNobodyMeasuredAreNoCrash() throws {
      try Workspace.with { workspace in
        let arguments = [
          "evaluate", "model.gguf", "--suite", "passkey", "--lengths", "512", "--samples", "1", "--depths", "1",
          "--out",
          "E",
        ]
        #expect(try workspace.program.start(arguments).wait().code == 0)
        let results = try workspace.read("E/results.jsonl")
        for score in ["1e308", "-5"] {
          try workspace.write(results.replacing(/"score":[01]/, with: "\"score\":\(score)"), to: "E/results.jsonl")
          for command in [arguments, ["report", "E"]] {
            let ended = try workspace.program.start(command).wait()
            #expect(ended.code == 3 && !ended.isCrash && ended.errors.contains("answer.score is"), "\(ended)")
          }
        }
        try workspace.write(results, to: "E/results.jsonl")
        try FileManager.default.removeItem(atPath: workspace.path("E/settings.json"))
        let unknown = try workspace.program.start(arguments).wait()
        #expect(unknown.code == 3 && unknown.errors.contains("no settings.json"), "\(unknown)")
        let short = try workspace.program.run("evaluate", "model.gguf", "--lengths", "64", "--out", "F")
        #expect(short.code == 2 && short.errors.contains("nothing was measured"), "\(short)")
      }
    }

    @Test func aModelIsNotReplacedByWhatWasReadWithIt() throws {
      try Workspace.with { workspace in
        let before = try workspace.data("model.gguf")
        for place in ["model.gguf", "./model.gguf", "none/cache"] {
          let ended = try workspace.program.run(
            "generate", "model.gguf", "--prompt", "a", "--max-tokens", "1", "--save-cache", place)
          #expect(ended.code == 3 && ended.output.isEmpty && ended.errors.contains(place), "\(ended)")
        }
        #expect(try workspace.data("model.gguf") == before)
      }
    }

    @Test func whatIsSaidOfALongPromptIsNoPartOfTheJSON() throws {
      try Workspace.with { workspace in
        let long = String(repeating: "word ", count: 60)
        let ended = try workspace.program.run(
          "generate", "model.gguf", "--prompt", long, "--max-tokens", "1", "--json")
        #expect(ended.code == 0 && ended.json?["text"] != nil, "\(ended)")
        #expect(ended.errors.contains("the model was trained with 32"), "\(ended)")
      }
    }

    @Test func aRecipeMayBeginWithAByteOrderMark() throws {
      try Workspace.with { workspace in
        try workspace.write("\u{FEFF}" + workspace.read("tiny.yaml"), to: "marked.yaml")
        #expect(try workspace.program.run("check", "marked.yaml").code == 0)
      }
    }

    @Test func damagedMetricsDoNotCrashStatusOrResume() throws {
      try Workspace.with { workspace in
        #expect(try workspace.train("run").code == 0)
        let metrics = try workspace.read("run/metrics.jsonl")
        for (key, value) in [(#""stage":2"#, #""stage":0"#), (#""stage":2"#, #""stage":-7"#)] {
          try workspace.write(metrics.replacing(key, with: value), to: "run/metrics.jsonl")
          let status = try workspace.program.run("status", "run")
          #expect(status.code == 0 && !status.isCrash, "\(status)")
        }
        let timeless = metrics.replacing(/"seconds":[0-9.e-]+/, with: #""seconds":"NaN""#)
        try workspace.write(timeless, to: "run/metrics.jsonl")
        let resumed = try workspace.resume("run")
        #expect(resumed.code == 0 && !resumed.isCrash, "\(resumed)")
      }
    }

    @Test func aRunThatFailedBeforeItsFirstStepCanBeStartedAgain() throws {
      try Workspace.with { workspace in
        let chats = Workspace.conversations.split(separator: "\n")
        try workspace.write(chats.prefix(1).joined(), to: "short.jsonl")
        try workspace.program.expectFailure(
          3, ["tokens"], "train", "--recipe", "tiny.yaml", "--data", "short.jsonl", "--output", "run", "--cache",
          "cache", "--set", "evaluation.before=false", "--set", "stages[0].context=512")
        #expect(try workspace.names(in: "run").contains("metrics.jsonl") == false)
        let again = try workspace.train("run")
        #expect(again.code == 0, "\(again.errors)")
      }
    }

    @Test func twoRunsThatEncodeTheSameDataAtOnceBothTrain() throws {
      try Workspace.with { workspace in
        let question = String(repeating: "what is the name of this one? ", count: 40)
        let chats = (0..<4000).map {
          #"{"conversations": [{"from": "human", "value": "\#($0) \#(question)"}, {"from": "gpt", "value": "n\#($0)"}]}"#
        }
        try workspace.write(chats.joined(separator: "\n"), to: "conversations.jsonl")
        let runs = try ["one", "two", "three"].map { try workspace.program.start(workspace.training($0, threads: 1)) }
        for run in runs {
          let ended = try run.wait()
          #expect(ended.code == 0, "\(ended.errors)")
        }
        #expect(try workspace.names(in: "cache").filter { $0.hasPrefix("tokens-") }.count == 1)
      }
    }

    @Test func whatIsNotSealedIsNotHandedToTheLibrary() throws {
      try Workspace.with { workspace in
        #expect(try workspace.train("run").code == 0)
        try workspace.data("run/checkpoints/stage02-step000003.h5").dropFirst(512)
          .write(to: URL(filePath: workspace.path("bare.h5")))
        try workspace.program.expectFailure(3, ["bare.h5", "seal"], "inspect", "bare.h5")
      }
    }

    @Test func aFolderThatCannotBeMadeIsToldInWords() throws {
      try Workspace.with { workspace in
        let ended = try workspace.train("tiny.yaml/run")
        #expect(ended.code == 3 && ended.errors.contains("tiny.yaml/run"), "\(ended)")
        #expect(!ended.errors.contains("Domain="), "\(ended.errors)")
      }
    }

    /// Runs a line of the shell; a signal gives a code above 128.
    private func shell(_ workspace: Workspace, _ line: String) throws -> (code: Int32, output: String) {
      let process = Process(), output = Pipe()
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", "extend() { '\(Program.path)' \"$@\"; }; \(line)"]
      process.currentDirectoryURL = URL(filePath: workspace.folder)
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      let said = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }
  }
}
