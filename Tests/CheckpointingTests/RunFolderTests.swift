import Foundation
import AtomicFiles
import TestSupport
import Testing

@testable import Checkpointing

@Suite struct RunFolderTests {
  @Test func `a new run has its folders, its recipe and its lock`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/runs/first"
      let run = try RunFolder.start(at: path, recipe: "stages: [größer]\n")
      #expect(try listing(path) == ["checkpoints", "lock", "model", "recipe.yaml", "tensorboard"])
      #expect(try run.folder.recipe() == "stages: [größer]\n")
      let holder = try #require(run.folder.holder)
      #expect(holder.processID == ProcessInfo.processInfo.processIdentifier)
      #expect(holder.started.hasPrefix("20") && holder.started.hasSuffix("Z") && !holder.host.isEmpty)
    }
  }

  @Test func `a second run in the same folder is refused, while it runs and after`() throws {
    try withTemporaryDirectory { folder in
      do {
        let run = try RunFolder.start(at: folder, recipe: "a")
        for attempt in [0, 1] {
          let error = #expect(throws: FileError.self) {
            if attempt == 0 { _ = try RunFolder.start(at: folder, recipe: "b") }
            if attempt == 1 { _ = try RunFolder.resume(at: folder) }
          }
          let me = ProcessInfo.processInfo.processIdentifier
          #expect(error?.message.hasPrefix("process \(me) on ") == true)
        }
        _ = run.folder
      }
      #expect(RunFolder(folder).holder == nil)
      let error = #expect(throws: FileError.self) { _ = try RunFolder.start(at: folder, recipe: "b") }
      #expect(error?.description.contains("already has one. Continue it with: extend resume") == true)
      let resumed = try RunFolder.resume(at: folder)
      #expect(try resumed.folder.recipe() == "a")
    }
  }

  @Test func `a folder without a run cannot be resumed`() throws {
    try withTemporaryDirectory { folder in
      #expect(throws: FileError.self) { _ = try RunFolder.resume(at: folder) }
      #expect(throws: FileError.self) { _ = try RunFolder.resume(at: folder + "/none") }
      #expect(try listing(folder) == [])
      try AtomicFile.write("a file", to: folder + "/file")
      #expect(throws: FileError.self) { _ = try RunFolder.start(at: folder + "/file", recipe: "a") }
    }
  }

  @Test func `a lock that another process holds is respected, and dropped when that process is killed`() throws {
    let flock = "/usr/bin/flock"
    guard FileManager.default.isExecutableFile(atPath: flock) else { return }
    try withTemporaryDirectory { folder in
      do { _ = try RunFolder.start(at: folder, recipe: "a") }
      let lock = folder + "/lock"
      let child = Process()
      child.executableURL = URL(fileURLWithPath: flock)
      child.arguments = ["--no-fork", lock, "/bin/sleep", "60"]
      try child.run()
      while RunLock.holder(of: lock) == nil, child.isRunning { usleep(1000) }
      try "process \(child.processIdentifier)\nhost elsewhere\nstarted 2026-01-01T00:00:00Z\n"
        .write(toFile: lock, atomically: false, encoding: .utf8)
      let error = #expect(throws: FileError.self) { _ = try RunFolder.resume(at: folder) }
      #expect(
        error?.description.contains(
          "process \(child.processIdentifier) on elsewhere, since 2026-01-01T00:00:00Z is running here") == true)
      #expect(error?.repair == "Wait for it, or stop it with: kill \(child.processIdentifier)")
      kill(child.processIdentifier, SIGKILL)
      child.waitUntilExit()
      // The dead process's text is still in the file; it stops nobody.
      #expect(RunFolder(folder).holder == nil)
      let run = try RunFolder.resume(at: folder)
      #expect(run.folder.holder?.processID == ProcessInfo.processInfo.processIdentifier)
    }
  }
}
