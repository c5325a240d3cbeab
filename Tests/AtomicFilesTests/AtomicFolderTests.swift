import AtomicFiles
import Foundation
import TestSupport
import Testing

struct AtomicFolderTests {
  @Test func `a folder appears with everything in it, or not at all`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/out"
      do {
        let given = try AtomicFolder(creating: path)
        try AtomicFile.write("x", to: given.temporary + "/f")
        #expect(try AtomicFileTests.names(folder) == ["out.partial"])
        let held = #expect(throws: FileError.self) { _ = try AtomicFolder(creating: path) }
        #expect(held?.message.contains("another process is filling") == true && held?.isHeld == true)
        _ = consume given
      }
      #expect(try AtomicFileTests.names(folder) == [])
      var whole = try AtomicFolder(creating: path)
      try AtomicFile.write("x", to: whole.temporary + "/f")
      try whole.commit()
      #expect(try AtomicFileTests.names(folder) == ["out"])
      #expect(try AtomicFileTests.names(path) == ["f"])
    }
  }

  @Test func `refusals name the folder, the reason and the repair`() throws {
    try withTemporaryDirectory { folder in
      try AtomicFile.write("x", to: folder + "/there")
      for (name, message) in [
        ("there", "something of that name is there"), ("none/out", "No such file or directory"),
      ] {
        let error = #expect(throws: FileError.self) { _ = try AtomicFolder(creating: folder + "/" + name) }
        #expect(error?.description.hasPrefix("\(folder)/\(name): cannot make the folder: \(message). ") == true)
        #expect(error?.repair.isEmpty == false)
      }
      #expect(try AtomicFileTests.names(folder) == ["there"])
    }
  }
}
