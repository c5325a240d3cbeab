import Foundation
import Testing

extension ProgramTests {
  @Suite struct ResumeTests {
    @Test func aRunKilledAtManyMomentsEndsWithTheSameBitsAsOneThatWasNot() throws {
      try Workspace.with(steps: 20) { workspace in
        let whole = try workspace.train("whole", threads: 2)
        #expect(whole.code == 0, "\(whole.errors)")
        let expected = try workspace.result("whole")
        #expect(expected.exitCode == 0 && expected.steps == Array(1...40))

        // Killed after so many new steps, so many milliseconds later: between steps, in steps, in checkpoints.
        var moments: [(steps: Int, milliseconds: UInt32)] = [
          (0, 0), (1, 0), (1, 3), (5, 1), (6, 7), (2, 11), (4, 5), (7, 2), (3, 9), (1, 17),
        ]
        var kills = 0, attempts = 0, finished: Finished?
        while finished?.code != 0, attempts < 30 {
          let began = workspace.stepCount("killed")
          let hasRun = FileManager.default.fileExists(atPath: workspace.path("killed/recipe.yaml"))
          let running = try workspace.program.start(
            hasRun ? workspace.resuming("killed", threads: 1) : workspace.training("killed", threads: 1))
          attempts += 1
          if !moments.isEmpty {
            let moment = moments.removeFirst()
            // The log is cut back to the checkpoint first, so its length may fall before it rises.
            running.wait {
              workspace.stepCount("killed") >= began + moment.steps && hasRun
                || workspace.stepCount("killed") >= max(1, moment.steps) && !hasRun
            }
            usleep(moment.milliseconds * 1000)
            running.send(SIGKILL)
          }
          finished = try running.wait()
          if finished?.isCrash == true { kills += 1 } else { #expect(finished?.code == 0, "\(finished?.errors ?? "")") }
        }
        #expect(finished?.code == 0)
        #expect(kills >= 6, "only \(kills) kills hit")
        let result = try workspace.result("killed")
        #expect(result.steps == Array(1...40), "a gap or a repeat")
        #expect(result.losses == expected.losses)
        #expect(
          result == expected, "weights or gradient norms differ after \(kills) kills, or with another number of threads"
        )

        // A complete run has nothing left to do.
        let again = try workspace.resume("killed")
        #expect(again.code == 0, "\(again.errors)")
        #expect(try workspace.result("killed") == expected)
        #expect(try workspace.read("killed/evaluation.jsonl").split(separator: "\n").count == 4)
      }
    }

    @Test(arguments: [SIGTERM, SIGINT]) func aSignalSavesAndTheRunGoesOn(signal: Int32) throws {
      try Workspace.with(steps: 12) { workspace in
        #expect(try workspace.train("whole").code == 0)
        // Checkpoints only where the signal asks for one.
        let recipe = Workspace.recipe(steps: 12).replacing("every_steps: 1", with: "every_steps: 1000")
        try workspace.write(recipe, to: "tiny.yaml")
        let running = try workspace.program.start(workspace.training("stopped"))
        running.wait { workspace.stepCount("stopped") >= 5 }
        running.send(signal)
        let stopped = try running.wait()
        #expect(stopped.code == 4 && !stopped.isCrash, "\(stopped)")
        #expect(stopped.output.contains("extend resume stopped"), "\(stopped.output)")
        let done = workspace.stepCount("stopped")
        #expect(done >= 5 && done < 24)
        let status = try workspace.program.run("status", "stopped")
        #expect(status.output.contains("extend resume stopped"), "\(status.output)")
        let resumed = try workspace.resume("stopped")
        #expect(resumed.code == 0, "\(resumed.errors)")
        let (one, other) = (try workspace.result("stopped"), try workspace.result("whole"))
        #expect(one.steps == Array(1...24) && one.losses == other.losses && one.weights == other.weights)
      }
    }

    @Test func aChangedRecipeIsRefusedUntilItIsAccepted() throws {
      try Workspace.with(steps: 2) { workspace in
        #expect(try workspace.train("run").code == 0)
        let recipe = try workspace.read("run/recipe.yaml")
        try workspace.write(recipe.replacing("weight_decay: 0.1", with: "weight_decay: 0.2"), to: "run/recipe.yaml")
        try workspace.program.expectFailure(
          2, ["run/recipe.yaml", "weight_decay", "0.2", "--accept-changes"], "resume", "run", "--cache", "cache")
        let accepted = try workspace.resume("run", "--accept-changes")
        #expect(accepted.code == 0 && accepted.output.contains("weight_decay"), "\(accepted)")
      }
    }

    @Test func stagesMadeLongerGoOnAndStagesMadeShorterEnd() throws {
      try Workspace.with(steps: 3) { workspace in
        #expect(try workspace.train("run").code == 0)
        let recipe = try workspace.read("run/recipe.yaml")
        #expect(recipe.contains("steps: 3"))
        let measured = try workspace.measurements("run")
        #expect(measured.count == 4)
        try workspace.write(recipe.replacing("steps: 3", with: "steps: 5"), to: "run/recipe.yaml")
        let longer = try workspace.resume("run", "--accept-changes")
        #expect(longer.code == 0, "\(longer.errors)")
        #expect(try workspace.metrics("run").compactMap { $0["step"] as? Int } == Array(1...8))
        // The first stage was done and stays as measured; the second was trained further and is measured anew.
        let again = try workspace.measurements("run")
        #expect(again.count == 4 && again[0...2] == measured[0...2] && again[3] != measured[3])
        try workspace.write(recipe.replacing("steps: 3", with: "steps: 1"), to: "run/recipe.yaml")
        let shorter = try workspace.resume("run", "--accept-changes")
        #expect(shorter.code == 0 && !shorter.isCrash, "\(shorter)")
        // One stage less than were trained.
        let second = try #require(recipe.range(of: "- name: second")),
          after = try #require(recipe.range(of: "checkpoints:"))
        try workspace.write(
          recipe.replacingCharacters(in: second.lowerBound..<after.lowerBound, with: ""), to: "run/recipe.yaml")
        let fewer = try workspace.resume("run", "--accept-changes")
        #expect(fewer.code == 0 && !fewer.isCrash, "\(fewer)")
        #expect(try workspace.program.run("status", "run").code == 0)
      }
    }

    @Test func changedDataAreRefusedUntilTheyAreAccepted() throws {
      try Workspace.with(steps: 2) { workspace in
        #expect(try workspace.train("run").code == 0)
        try workspace.write(Workspace.conversations.replacing("name", with: "color"), to: "conversations.jsonl")
        try workspace.program.expectFailure(
          2, ["the data have changed", "conversations.jsonl", "--accept-changes"], "resume", "run", "--cache", "cache")
        #expect(try workspace.resume("run", "--accept-changes").code == 0)
      }
    }
  }
}
