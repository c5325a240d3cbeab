import Foundation
import Testing

extension ProgramTests {
  @Suite struct BadFileTests {
    @Test func aModelCutAnywhereIsRefused() throws {
      try Workspace.with { workspace in
        let whole = try workspace.data("model.gguf")
        for length in [0, 6, 200, whole.count / 2, whole.count - 1] {
          try whole.prefix(length).write(to: URL(filePath: workspace.path("cut.gguf")))
          for arguments in [
            ["inspect", "cut.gguf"], ["generate", "cut.gguf", "--prompt", "a"], ["tokenize", "cut.gguf", "tiny.yaml"],
            ["export", "cut.gguf", "--output", "out.gguf"],
          ] {
            try expectRefused(workspace, arguments, ["cut.gguf"], "cut at \(length)")
          }
        }
        #expect(!FileManager.default.fileExists(atPath: workspace.path("out.gguf")))
        try workspace.program.expectFailure(
          3, ["cut.gguf"], "train", "--recipe", "tiny.yaml", "--model", "cut.gguf", "--output", "run", "--cache",
          "cache")
        #expect(!FileManager.default.fileExists(atPath: workspace.path("run")), "nothing is begun with a bad model")
      }
    }

    @Test func aModelWithAWrongShapeOffsetOrCountIsRefused() throws {
      try Workspace.with { workspace in
        let whole = try workspace.data("model.gguf"), name = Data("blk.0.attn_q.weight".utf8)
        let extents = try #require(whole.range(of: name)).upperBound + 4
        let offset = extents + 16 + 4
        let damages: [(String, Int, UInt64)] = [
          ("narrower", extents, 16), ("wider", extents, 64), ("no columns", extents, 0), ("huge", extents, 1 << 60),
          ("overflowing", extents + 8, 1 << 62), ("odd offset", offset, 7), ("far offset", offset, 1 << 40),
          ("overlapping offset", offset, 0), ("last offset", offset, .max), ("more tensors", 8, 21),
          ("fewer tensors", 8, 3),
          ("no tensors", 8, 0), ("endless tensors", 8, 1 << 50), ("endless keys", 16, 1 << 50), ("fewer keys", 16, 2),
        ]
        for (what, place, value) in damages {
          var bytes = whole
          withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(place..<place + 8, with: $0) }
          try bytes.write(to: URL(filePath: workspace.path("bad.gguf")))
          try expectRefused(
            workspace, ["generate", "bad.gguf", "--prompt", "a", "--max-tokens", "1"], ["bad.gguf"], what)
        }
      }
    }

    @Test func whatIsNoModelIsRefused() throws {
      try Workspace.with { workspace in
        for file in ["tiny.yaml", "conversations.jsonl", "."] {
          try expectRefused(workspace, ["generate", file, "--prompt", "a"], [file], file)
          try expectRefused(workspace, ["inspect", file], [file], file)
        }
        try workspace.program.expectFailure(3, ["absent.gguf"], "generate", "absent.gguf", "--prompt", "a")
        try workspace.program.expectFailure(3, ["absent.gguf"], "inspect", "absent.gguf")
        try workspace.program.expectFailure(
          3, ["absent.gguf", "looked in"], "train", "--recipe", "tiny.yaml", "--model", "absent.gguf", "--output", "run"
        )
        try workspace.program.expectFailure(
          3, ["absent.gguf"], "plan", "--recipe", "tiny.yaml", "--model", "absent.gguf")
      }
    }

    @Test func dataThatCannotBeTrainedOnAreRefused() throws {
      try Workspace.with { workspace in
        try workspace.write("", to: "empty.jsonl")
        try workspace.write("[]", to: "none.json")
        try workspace.write("no text\u{0}\u{1}\u{2}\n", to: "noise.bin")
        try workspace.write(
          #"{"conversations": [{"from": "human", "value": "nobody answers"}]}"# + "\n", to: "unanswered.jsonl")
        for (file, part) in [
          ("absent.jsonl", "absent.jsonl"), ("empty.jsonl", "empty.jsonl"), ("none.json", "none.json"),
          ("noise.bin", "noise.bin"), ("unanswered.jsonl", "assistant"),
        ] {
          try expectRefused(
            workspace,
            ["train", "--recipe", "tiny.yaml", "--data", file, "--output", "run-" + file, "--cache", "cache"],
            [part], file)
          let begun = workspace.path("run-\(file)/recipe.yaml")
          #expect(!FileManager.default.fileExists(atPath: begun), "a run was begun on \(file)")
        }
        let better = try workspace.train("run-empty.jsonl")
        #expect(better.code == 0, "the folder cannot be used again: \(better.errors)")
      }
    }

    @Test func aCheckpointCutShortGivesWayToTheOneBefore() throws {
      try Workspace.with { workspace in
        #expect(try workspace.train("run").code == 0)
        let expected = try workspace.result("run")
        let newest = "run/checkpoints/stage02-step000003.h5"
        let whole = try workspace.data(newest)
        try whole.prefix(whole.count * 2 / 3).write(to: URL(filePath: workspace.path(newest)))
        try workspace.program.expectFailure(3, ["stage02-step000003.h5"], "export", newest, "--output", "x.gguf")
        let resumed = try workspace.resume("run")
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(
          resumed.errors.contains("warning") && resumed.errors.contains("stage02-step000003.h5"), "\(resumed.errors)")
        #expect(resumed.output.contains("stage02-step000002.h5"), "\(resumed.output)")
        #expect(try workspace.names(in: "run/checkpoints").contains("stage02-step000003.h5.damaged"))
        #expect(try workspace.result("run") == expected)
      }
    }

    @Test func oneFlippedBitInTheOnlyCheckpointIsNoticed() throws {
      try Workspace.with { workspace in
        #expect(try workspace.train("run").code == 0)
        let expected = try workspace.result("run"), last = "stage02-step000003.h5"
        for name in try workspace.names(in: "run/checkpoints") where name != last {
          try FileManager.default.removeItem(atPath: workspace.path("run/checkpoints/" + name))
        }
        var bytes = try workspace.data("run/checkpoints/" + last)
        bytes[bytes.count / 2] ^= 4
        try bytes.write(to: URL(filePath: workspace.path("run/checkpoints/" + last)))
        try workspace.program.expectFailure(3, ["run", last], "export", "run", "--output", "x.gguf")
        // Nothing else is left, so the run starts at its beginning and comes to the same end.
        let resumed = try workspace.resume("run")
        #expect(resumed.code == 0 && resumed.output.contains("beginning"), "\(resumed)")
        #expect(try workspace.result("run") == expected)
      }
    }

    /// Exit code 3, no crash, a message with all parts.
    private func expectRefused(_ workspace: Workspace, _ arguments: [String], _ parts: [String], _ what: String) throws
    {
      let finished = try workspace.program.start(arguments).wait()
      let said = "\(what): extend \(arguments.joined(separator: " "))\n\(finished.output)\n\(finished.errors)"
      #expect(finished.code == 3 && !finished.isCrash, "code \(finished.code), \(said)")
      for part in parts { #expect(finished.errors.contains(part), "no \"\(part)\" in \(said)") }
    }
  }
}
