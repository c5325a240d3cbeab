import AtomicFiles
import Foundation
import TestSupport
import Testing

struct AtomicFileTests {
  struct Interrupted: Error {}

  static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
  static func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func `a failure leaves the old file and no partial one`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/f"
      try AtomicFile.write("old", to: path)
      #expect(throws: Interrupted.self) {
        try AtomicFile.write(to: path) { partial in
          try Data("half of the new".utf8).write(to: URL(filePath: partial))
          throw Interrupted()
        }
      }
      #expect(try Self.text(path) == "old")
      #expect(try Self.names(folder) == ["f"])
      try AtomicFile.write("new", to: path)
      #expect(try Self.text(path) == "new")
      let missing = #expect(throws: FileError.self) { try AtomicFile.write("x", to: folder + "/none/f") }
      #expect(missing?.description.contains("/none/f: cannot create the file: No such file or directory. ") == true)
    }
  }

  @Test func `what stands there and is no file is refused and left alone`() throws {
    try withTemporaryDirectory { folder in
      try FileManager.default.createDirectory(atPath: folder + "/f", withIntermediateDirectories: false)
      for path in [folder + "/f", "/dev/null"] {
        let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: path) }
        #expect(error?.repair == "Name a file.", "\(error as Any)")
      }
      #expect(try Self.names(folder) == ["f"])
    }
  }

  @Test func `a leftover is taken over, a file that is being written is not`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/f"
      try Data(repeating: 7, count: 1000).write(to: URL(filePath: path + AtomicFile.partialSuffix))
      try AtomicFile.write(to: path) { partial in
        #expect(try Data(contentsOf: URL(filePath: partial)).isEmpty)
        let held = #expect(throws: FileError.self) { try AtomicFile.write("other", to: path) }
        #expect(held?.isHeld == true)
        try Data("mine".utf8).write(to: URL(filePath: partial))
      }
      #expect(try Self.text(path) == "mine")
      #expect(try Self.names(folder) == ["f"])
    }
  }

  @Test func `too little space is told before anything is written`() throws {
    try withTemporaryDirectory { folder in
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write(to: folder + "/f", needing: 1 << 60) { _ in Issue.record("the body ran") }
      }
      #expect(error?.isDiskFull == true)
      #expect(error?.description.contains("disk full: needed 1152.92 PB, free ") == true)
      let left = try Self.names(folder)
      #expect(left == [])
    }
  }

  @Test func `a full disk that the body met is told as one`() throws {
    struct Full: StorageFailure {
      let isDiskFull = true
    }
    try withTemporaryDirectory { folder in
      let error = #expect(throws: FileError.self) { try AtomicFile.write(to: folder + "/f") { _ in throw Full() } }
      #expect(error?.isDiskFull == true && error?.path == folder + "/f")
      let left = try Self.names(folder)
      #expect(left == [])
    }
  }
}
