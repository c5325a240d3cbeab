import Foundation
import Testing

extension ProgramTests {
  @Suite struct RunFolderTests {
    @Test func aRunFolderInUseIsRefusedToASecondProcess() throws {
      try Workspace.with(steps: 100_000) { workspace in
        let running = try workspace.program.start(workspace.training("run", threads: 1))
        defer { running.send(SIGKILL) }
        running.wait { workspace.stepCount("run") >= 2 }
        let holder = "process \(running.process.processIdentifier)"
        try workspace.program.expectFailure(3, [holder, "run"], "resume", "run", "--cache", "cache")
        try workspace.program.expectFailure(
          3, [holder, "run"], "train", "--recipe", "tiny.yaml", "--output", "run", "--cache", "cache")
        let status = try workspace.program.run("status", "run")
        #expect(status.code == 0 && status.output.contains("running (\(holder)"), "\(status)")
        running.send(SIGTERM)
        let stopped = try running.wait()
        #expect(stopped.code == 4 && !stopped.isCrash, "the first process was disturbed: \(stopped)")
      }
    }

    @Test func exportingDisturbsNoRunThatIsWritingACheckpoint() throws {
      try Workspace.with { workspace in
        #expect(try workspace.train("run").code == 0)
        try workspace.write("half", to: "run/checkpoints/stage02-step000004.h5.partial")
        let newest = "run/checkpoints/stage02-step000003.h5", whole = try workspace.data(newest)
        try whole.prefix(whole.count / 2).write(to: URL(filePath: workspace.path(newest)))
        let before = try workspace.names(in: "run/checkpoints")
        let exported = try workspace.program.run("export", "run", "--output", "out.gguf")
        #expect(exported.code == 0 && exported.errors.contains("stage02-step000003.h5"), "\(exported)")
        #expect(try workspace.names(in: "run/checkpoints") == before)
      }
    }

    @Test func `a line that is no measurement is named, and what it should say is measured again`() throws {
      try Workspace.with { workspace in
        #expect(try workspace.train("run").code == 0)
        let lines = try workspace.read("run/evaluation.jsonl").split(separator: "\n")
        #expect(lines.count == 4)
        try workspace.write(
          lines.dropLast().joined(separator: "\n") + "\n\n{\"moment\": \"aft", to: "run/evaluation.jsonl")
        let told = "run/evaluation.jsonl:5: found something else than a measurement"
        for command in ["status", "report", "resume"] {
          let finished = try workspace.program.run(command, "run")
          #expect(finished.code == 0 && finished.errors.components(separatedBy: told).count == 2, "\(finished)")
        }
        let again = try workspace.read("run/evaluation.jsonl").split(separator: "\n")
        #expect(again.count == 4 && again.dropLast() == lines.dropLast())
        #expect(try workspace.program.run("status", "run").errors == "")
      }
    }

    @Test func theStateOfARunIsToldBeforeItsFirstStep() throws {
      try Workspace.with { workspace in
        try FileManager.default.createDirectory(atPath: workspace.path("run"), withIntermediateDirectories: false)
        try workspace.write(Workspace.recipe(), to: "run/recipe.yaml")
        let status = try workspace.program.run("status", "run")
        #expect(status.code == 0 && status.output.contains("stopped before the first step"), "\(status)")
      }
    }

    @Test func dataTooFewForALaterStageAreToldBeforeAnythingIsMeasuredAndAnotherRunMayBeginThere() throws {
      try Workspace.with { workspace in
        // Two chats of some 80 tokens, one of them held out.
        let lines = Workspace.conversations.split(separator: "\n")
        try workspace.write("\(lines[0])\n\(lines[15])", to: "conversations.jsonl")
        let failed = try workspace.train("run")
        #expect(failed.code == 3 && !failed.isCrash, "\(failed)")
        #expect(failed.errors.contains("not one whole sequence") && failed.errors.contains("at least 128 tokens"))
        #expect(try workspace.names(in: "run") == ["lock"])
        try workspace.write(Workspace.conversations, to: "conversations.jsonl")
        #expect(try workspace.train("run").code == 0)
      }
    }

    @Test func aFolderThatHasARunIsNotOverwritten() throws {
      try Workspace.with { workspace in
        #expect(try workspace.train("run").code == 0)
        let before = try workspace.result("run")
        try workspace.program.expectFailure(
          3, ["run", "already has", "extend resume"], "train", "--recipe", "tiny.yaml", "--output", "run", "--cache",
          "cache")
        #expect(try workspace.result("run") == before)
      }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting a small disk needs root"))
    func aFullDiskLeavesTheEarlierCheckpointsAndTheRunGoesOn() throws {
      try Workspace.with(steps: 6, keep: 100) { workspace in
        #expect(try workspace.train("whole").code == 0)
        let expected = try workspace.result("whole")
        let disk = SmallDisk(path: workspace.path("disk"))
        try disk.mount(kibibytes: 2500)
        defer { disk.unmount() }
        let full = try workspace.train("disk/run")
        #expect(full.code == 3 && !full.isCrash, "\(full)")
        #expect(full.errors.contains("disk") && full.errors.contains("checkpoints"), "\(full.errors)")
        let done = try workspace.names(in: "disk/run/checkpoints")
        #expect(done.count >= 2 && done.count < 12, "\(done)")
        #expect(done.allSatisfy { $0.hasSuffix(".h5") }, "half a checkpoint stays: \(done)")
        let usable = try workspace.program.run("export", "disk/run", "--output", "usable.gguf")
        #expect(usable.code == 0, "\(usable.errors)")
        // Still full: the same message again, nothing lost.
        let again = try workspace.resume("disk/run")
        #expect(again.code == 3 && !again.isCrash, "\(again)")
        #expect(try workspace.names(in: "disk/run/checkpoints") == done)
        try disk.grow(kibibytes: 50_000)
        let resumed = try workspace.resume("disk/run")
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(try workspace.result("disk/run") == expected)
      }
    }
  }
}

/// A disk of a few megabytes, in memory.
struct SmallDisk {
  let path: String

  /// Whether this process may mount one.
  static let isPossible: Bool = {
    guard getuid() == 0 else { return false }
    let disk = SmallDisk(
      path: FileManager.default.temporaryDirectory.appending(path: "extend-disk-\(UUID().uuidString)").path)
    guard (try? disk.mount(kibibytes: 64)) != nil else { return false }
    disk.unmount()
    try? FileManager.default.removeItem(atPath: disk.path)
    return true
  }()

  func mount(kibibytes: Int) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try call("mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path)
  }
  func grow(kibibytes: Int) throws { try call("mount", "-o", "remount,size=\(kibibytes)k", path) }
  func unmount() { try? call("umount", "-l", path) }

  private func call(_ arguments: String...) throws {
    let process = Process(), ended = DispatchSemaphore(value: 0)
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    ended.wait()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }
}
