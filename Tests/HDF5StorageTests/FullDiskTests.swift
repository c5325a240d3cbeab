import Foundation
import AtomicFiles
import HDF5Storage
import TestSupport
import Testing

@Suite struct FullDiskTests {
  @Test(.enabled(if: canMount, "needs the right to mount a small file system (root)"))
  func `a disk that fills up while HDF5 writes leaves the old file, and the library usable`() throws {
    try withTemporaryDirectory { folder in
      try #require(mount(folder, megabytes: 3))
      defer { unmount(folder) }
      let path = folder + "/w.h5"
      try AtomicFile.write(to: path) { try fill($0, floats: 100_000) }
      let before = try bytes(of: path)
      for _ in 0..<3 {
        let error = #expect(throws: FileError.self) {
          try AtomicFile.write(to: path) { try fill($0, floats: 900_000) }
        }
        #expect(error?.description.contains("disk full: needed") == true)
        // Many small appends reach the full disk inside HDF5's caches, at flush or close.
        #expect(throws: FileError.self) {
          try AtomicFile.write(to: path) { partial in
            let file = try HDF5File(creating: partial)
            var grown = try file.createDataset("g", of: Float.self, shape: [0], chunkRows: 1000)
            for _ in 0..<2000 { try grown.append([Float](repeating: 1, count: 500)) }
            try file.close()
          }
        }
        #expect(try bytes(of: path) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["w.h5"])
      }
      // The failed files are closed and their space is free again.
      #expect(openFiles(below: folder) == [])
      try AtomicFile.write(to: path) { try fill($0, floats: 550_000) }
      let file = try HDF5File(opening: path)
      #expect(try file.dataset("w").read(Float.self).count == 550_000)
    }
  }

  func fill(_ path: String, floats: Int) throws {
    let file = try HDF5File(creating: path, sealable: true)
    try file.write([Float](repeating: 1, count: floats), shape: [floats], to: "w")
    try file.closeSealed()
  }
}

/// The files below `folder` that this process holds open.
func openFiles(below folder: String) -> [String] {
  let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
  return descriptors.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
    .filter { $0.hasPrefix(folder) }
}

/// Whether this process may mount file systems, found by trying.
let canMount =
  (try? withTemporaryDirectory { folder in
    guard mount(folder, megabytes: 1) else { return false }
    unmount(folder)
    return true
  }) ?? false

/// Mounts a memory file system over `folder`; false where that is not allowed.
func mount(_ folder: String, megabytes: Int) -> Bool {
  run("/bin/mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder)
}

func unmount(_ folder: String) { _ = run("/bin/umount", "-l", folder) }

private func run(_ program: String, _ arguments: String...) -> Bool {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}
