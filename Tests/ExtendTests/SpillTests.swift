import Foundation
import Testing

extension ProgramTests {
  /// Runs that spill, with moments in eight bits.
  @Suite struct SpillTests {
    static let settings = "memory: { activations: spill, storage: bf16 }\noptimizer: { state: 8bit }\n"

    @Test func aRunThatSpillsIsKilledAndEndsWithTheSameBits() throws {
      try Workspace.with(steps: 8) { workspace in
        try workspace.write(Workspace.recipe(steps: 8) + Self.settings, to: "tiny.yaml")
        let whole = try workspace.train("whole", threads: 2)
        #expect(whole.code == 0, "\(whole.errors)")
        #expect(whole.output.contains("spills to a scratch file of "), "\(whole.output)")
        let expected = try workspace.result("whole")
        var moments: [(steps: Int, milliseconds: UInt32)] = [(1, 0), (2, 3), (3, 7), (1, 11)]
        var kills = 0, attempts = 0, finished: Finished?
        while finished?.code != 0, attempts < 12 {
          let hasRun = FileManager.default.fileExists(atPath: workspace.path("killed/recipe.yaml"))
          let began = workspace.stepCount("killed")
          let running = try workspace.program.start(
            hasRun ? workspace.resuming("killed", threads: 1) : workspace.training("killed", threads: 1))
          attempts += 1
          if !moments.isEmpty {
            let moment = moments.removeFirst()
            running.wait { workspace.stepCount("killed") >= began + moment.steps }
            usleep(moment.milliseconds * 1000)
            running.send(SIGKILL)
          }
          finished = try running.wait()
          if finished?.isCrash == true { kills += 1 }
        }
        #expect(finished?.code == 0 && kills >= 2, "\(kills) kills, \(finished?.errors ?? "")")
        #expect(try workspace.result("killed") == expected)
        #expect(try workspace.names(in: "killed").allSatisfy { !$0.contains("scratch") })
      }
    }

    @Test func spillingChangesNoBit() throws {
      try Workspace.with(steps: 2) { workspace in
        #expect(try workspace.train("ram").code == 0)
        try workspace.write(Workspace.recipe(steps: 2) + "memory: { activations: spill }\n", to: "tiny.yaml")
        let other = try workspace.program.run(
          "train", "--recipe", "tiny.yaml", "--output", "spill", "--cache", "cache", "--scratch", workspace.folder)
        #expect(other.code == 0, "\(other.errors)")
        #expect(try workspace.result("spill") == (try workspace.result("ram")))
      }
    }

    @Test func theFormOfMomentsChangesOnlyKnowingly() throws {
      try Workspace.with(steps: 2) { workspace in
        #expect(try workspace.train("run").code == 0)
        let recipe = try workspace.read("run/recipe.yaml").replacing("steps: 2", with: "steps: 3")
        try workspace.write(recipe.replacing("state: fp32", with: "state: 8bit"), to: "run/recipe.yaml")
        try workspace.program.expectFailure(
          2, ["optimizer.state", "8bit", "--accept-changes"], "resume", "run", "--cache", "cache")
        let there = try workspace.resume("run", "--accept-changes")
        #expect(there.code == 0, "\(there.errors)")
        try workspace.write(recipe.replacing("steps: 3", with: "steps: 4"), to: "run/recipe.yaml")
        let back = try workspace.resume("run", "--accept-changes")
        #expect(back.code == 0 && back.output.contains("optimizer.state: 8bit → fp32"), "\(back)")
      }
    }

    @Test func aScratchFolderThatIsNotThereIsOneError() throws {
      try Workspace.with(steps: 2) { workspace in
        try workspace.write(Workspace.recipe(steps: 2) + Self.settings, to: "tiny.yaml")
        try workspace.program.expectFailure(
          3, ["/none", "No such file or directory", "--scratch"], "train", "--recipe", "tiny.yaml", "--output", "run",
          "--cache", "cache", "--scratch", "/none")
        #expect(!FileManager.default.fileExists(atPath: workspace.path("run/recipe.yaml")))
      }
    }

    @Test func whatDoesNotFitIsToldWithTheSettingsThatWould() throws {
      try Workspace.with(steps: 2) { workspace in
        let limited = Workspace.recipe(steps: 2).replacing("context: 128", with: "context: 64k")
        func remedy(_ limit: String, _ activations: String) throws -> String {
          try workspace.write(
            limited + "memory: { activations: \(activations) }\nlimits: { memory: \(limit) }\n", to: "tiny.yaml")
          let planned = try workspace.program.run("plan", "--recipe", "tiny.yaml", "--cache", "cache")
          #expect(planned.code == 2, "\(planned)")
          let trained = try workspace.train("run")
          #expect(trained.code == 2 && trained.errors.contains("does not fit"), "\(trained)")
          #expect(!FileManager.default.fileExists(atPath: workspace.path("run/recipe.yaml")))
          return planned.output
        }
        let shorter = try remedy("46M", "auto"), none = try remedy("1M", "ram")
        #expect(shorter.contains("a context of ") && shorter.contains("--set optimizer.state=8bit"), "\(shorter)")
        #expect(none.contains("does not fit at any context"), "\(none)")
      }
    }
  }
}
