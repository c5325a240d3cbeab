import Foundation
import Testing

extension ProgramTests {
  /// `extend serve` as a process; what it answers is tested in ServingTests.
  @Suite struct ServeTests {
    @Test(arguments: [SIGTERM, SIGINT]) func `serve says where it listens and ends with 0 when it is told to`(
      signal: Int32
    ) throws {
      try Workspace.with { workspace in
        let server = try workspace.program.start(["serve", "model.gguf", "--port", "0", "--context", "64"])
        func said() -> String { (try? String(contentsOfFile: server.outputPath, encoding: .utf8)) ?? "" }
        server.wait(until: { said().contains("\n") })
        let line = said(), port = line.split(separator: "127.0.0.1:").dropFirst().first?.prefix { $0.isNumber } ?? ""
        #expect(line.hasPrefix("listening at http://127.0.0.1:\(port)/v1, window 64 tokens"), "\(line)")
        let second = try workspace.program.run("serve", "model.gguf", "--port", String(port))
        #expect(second.code == 2 && second.errors.contains("cannot serve at 127.0.0.1:\(port)"), "\(second)")
        server.send(signal)
        let finished = try server.wait()
        #expect(finished.code == 0 && !finished.isCrash && finished.errors.isEmpty, "\(finished)")
      }
    }

    @Test func `an address of version 6 is told as addresses on the web are written`() throws {
      try Workspace.with { workspace in
        let server = try workspace.program.start(["serve", "model.gguf", "--port", "0", "--host", "::1"])
        func said() -> String { (try? String(contentsOfFile: server.outputPath, encoding: .utf8)) ?? "" }
        server.wait(until: { said().contains("\n") })
        server.send(SIGTERM)
        let finished = try server.wait()
        // A machine without such addresses refuses.
        #expect((finished.output + finished.errors).contains("[::1]:"), "\(finished)")
      }
    }

    @Test func `wrong use of serve ends with two and a message`() throws {
      try Workspace.with { workspace in
        try workspace.program.expectFailure(2, ["--port"], "serve", "model.gguf", "--port", "70000")
        try workspace.program.expectFailure(2, ["--requests"], "serve", "model.gguf", "--requests", "0")
        try workspace.program.expectFailure(3, ["absent"], "serve", "absent.gguf")
      }
    }
  }
}
