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
