import Foundation
import GGUFFormat
import LlamaModel
import ModelFiles
import TensorCore
import Testing

extension ProgramTests {
  /// What an attack found; each of these once ended in a crash, a hang or a loss.
  @Suite struct HostileInputTests {
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
