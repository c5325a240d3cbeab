import Foundation
import Testing

extension ProgramTests {
  @Suite struct UsageTests {
    @Test func allMistakesOfARecipeAreReportedAtOnce() throws {
      try Workspace.with { workspace in
        try workspace.write(
          """
          name: six
          optimizer: { betas: [0.9] }
          data: { document_mask: isolate }
          stages:
            - { name: one, context: 64q, rope: { theta: critcal }, steps: 0, learning_rate: fast }
          """, to: "six.yaml")
        let paths = [
          "optimizer.betas", "data.document_mask", "stages[0].context", "stages[0].rope.theta", "stages[0].steps",
          "stages[0].learning_rate",
        ]
        let parts = paths + ["six.yaml: 6 problems", "line 5", "isolated", "critical"]
        try workspace.program.expectFailure(2, parts, "check", "six.yaml")
        try workspace.program.expectFailure(2, parts, "train", "--recipe", "six.yaml", "--output", "run")
        try workspace.program.expectFailure(2, parts, "plan", "--recipe", "six.yaml")
        #expect(!FileManager.default.fileExists(atPath: workspace.path("run")))
      }
    }

    @Test func wrongUseEndsWithTwoAndAMessage() throws {
      try Workspace.with { workspace in
        let program = workspace.program
        try program.expectFailure(2, ["--bogus"], "train", "--recipe", "tiny.yaml", "--bogus")
        try program.expectFailure(2, ["--recipe"], "train")
        try program.expectFailure(2, ["bogus"], "bogus")
        try program.expectFailure(2, ["--threads", "0"], "train", "--recipe", "tiny.yaml", "--threads", "0")
        try program.expectFailure(2, ["--max-tokens"], "generate", "model.gguf", "--prompt", "a", "--max-tokens", "0")
        try program.expectFailure(2, ["q3_k"], "export", "model.gguf", "--quantization", "q3_k")
        try program.expectFailure(
          2, ["--context 2"], "generate", "model.gguf", "--prompt", "long prompt", "--context", "2")
        try program.expectFailure(2, ["empty"], "generate", "model.gguf", "--prompt", "")
        try program.expectFailure(2, ["qickstart", "quickstart"], "check", "qickstart")
        try program.expectFailure(2, ["stages[7]"], "check", "tiny.yaml", "--set", "stages[7].steps=1")
        try program.expectFailure(2, ["step"], "check", "tiny.yaml", "--set", "stages[0].stps=1")
        try program.expectFailure(2, ["no/such"], "export", "model.gguf", "--output", "no/such/folder/out.gguf")
        try program.expectFailure(
          2, ["does not fit", "allowed"], "train", "--recipe", "tiny.yaml", "--output", "run", "--set",
          "limits.memory=1MiB")
        #expect(!FileManager.default.fileExists(atPath: workspace.path("run")))
      }
    }

    @Test func numbersBeyondAllMeasureAreRefusedOrHarmless() throws {
      try Workspace.with { workspace in
        let program = workspace.program
        for (option, number) in [
          ("--max-tokens", "9223372036854775807"), ("--context", "4611686018427387904"), ("--context", "1073741825"),
          ("--context", "1073741824"),
        ] {
          try program.expectFailure(2, [option], "generate", "model.gguf", "--prompt", "a", option, number)
        }
        let plan = try program.run("plan", "--recipe", "tiny.yaml", "--set", "stages[0].rope={theta: 1e30}")
        #expect(plan.code == 0 && plan.output.contains("1e+30"), "\(plan)")
        try program.expectFailure(
          2, ["theta"], "plan", "--recipe", "tiny.yaml", "--set", "stages[0].rope={theta: 1e300}")
        let trained = try program.run(
          "train", "--recipe", "tiny.yaml", "--output", "run", "--cache", "cache", "--set",
          "checkpoints={every_minutes: 1e300}")
        #expect(trained.code == 0, "\(trained)")
      }
    }

    @Test func `a path beside a built in recipe is looked for in the folder of the command`() throws {
      try Workspace.with { workspace in
        let folder = Program(folder: workspace.path("inner"))
        try FileManager.default.createDirectory(atPath: folder.folder, withIntermediateDirectories: false)
        try FileManager.default.moveItem(atPath: workspace.path("model.gguf"), toPath: folder.folder + "/own.gguf")
        let plan = ["plan", "--recipe", "quickstart", "--model", "own.gguf"]
        let found = try folder.start(plan).wait()
        #expect(found.output.contains("model       \(folder.folder)/own.gguf"), "\(found)")
        let outside = try workspace.program.start(plan).wait()
        #expect(outside.code == 3 && outside.errors.contains("own.gguf: there is no such model"), "\(outside)")
      }
    }

    @Test func aStageShorterThanTheModelsOwnContextIsRemarkedOn() throws {
      try Workspace.with { workspace in
        let short = "stages[0].context=16"
        let check = try workspace.program.run("check", "tiny.yaml", "--model", "model.gguf", "--set", short)
        #expect(check.code == 0 && check.output.contains("note: stage first trains at 16 tokens"), "\(check)")
        let plan = try workspace.program.run("plan", "--recipe", "tiny.yaml", "--set", short)
        #expect(plan.code == 0 && plan.output.contains("note: stage first"), "\(plan)")
        let fine = try workspace.program.run("check", "tiny.yaml", "--model", "model.gguf")
        #expect(fine.code == 0 && !fine.output.contains("note"), "\(fine)")
      }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
    func anOutputThatCannotBeWrittenIsAnErrorAndStopsNoRun() throws {
      try Workspace.with { workspace in
        let shown = try workspace.program.start(["recipes", "show", "quickstart"], device: "/dev/full").wait()
        #expect(shown.code == 3 && !shown.isCrash && shown.errors.contains("standard output"), "\(shown)")
        let trained = try workspace.program.start(workspace.training("run"), device: "/dev/full").wait()
        #expect(trained.code == 3 && !trained.isCrash, "\(trained)")
        #expect(try workspace.names(in: "run/checkpoints").contains("stage02-step000003.h5"), "\(trained)")
      }
    }

    @Test func commandsOnAFolderWithoutARunSaySo() throws {
      try Workspace.with { workspace in
        for command in ["status", "resume", "export"] {
          try workspace.program.expectFailure(3, ["absent"], command, "absent")
        }
        try FileManager.default.createDirectory(atPath: workspace.path("bare"), withIntermediateDirectories: false)
        for command in ["status", "resume", "export"] {
          try workspace.program.expectFailure(3, ["bare"], command, "bare")
        }
      }
    }
  }
}
