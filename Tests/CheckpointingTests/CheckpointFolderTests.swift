import Foundation
import AtomicFiles
import HDF5Storage
import TestSupport
import Testing

@testable import Checkpointing

@Suite struct CheckpointFolderTests {
  struct Missing: Error {}

  @Test func `names carry stage and step, and nothing else is taken for a checkpoint`() {
    let name = CheckpointName(stageIndex: 1, stepInStage: 120)
    #expect(name.description == "stage02-step000120.h5")
    #expect(CheckpointName("stage02-step000120.h5") == name)
    #expect(CheckpointName("stage100-step12345678.h5")?.stepInStage == 12_345_678)
    for other in [
      "stage02-step000120.h5.partial", "stage02-step000120.h5.damaged", "stage00-step000001.h5", "stage2-step000120.h5",
      "stage02-step120.h5", "stage02-step-00012.h5", "stage+2-step000120.h5", "stage.h5", "notes.txt", "",
    ] { #expect(CheckpointName(other) == nil) }
    #expect(CheckpointName(stageIndex: 0, stepInStage: 900) < name)
  }

  @Test func `the last N stay, and the last of each earlier stage`() throws {
    try withTemporaryDirectory { path in
      let folder = CheckpointFolder(path + "/new/checkpoints", keep: 2)
      for (stage, step) in [(0, 10), (0, 20), (0, 30), (1, 5), (1, 10), (2, 1), (2, 2), (2, 3)] {
        let written = try folder.write(sample(stage: stage, step: step), tensors: sampleTensors(step: step))
        #expect(FileSystem.byteCount(of: written) != nil)
      }
      #expect(
        try listing(folder.path) == [
          "stage01-step000030.h5", "stage02-step000010.h5", "stage03-step000002.h5", "stage03-step000003.h5",
        ])
      let reader = try #require(try position(of: folder) { Issue.record("\($0)") })
      #expect(reader == sample(stage: 2, step: 3).position)
    }
  }

  @Test func `a checkpoint just written stays even when later ones are there`() throws {
    try withTemporaryDirectory { path in
      let folder = CheckpointFolder(path, keep: 1)
      try folder.write(sample(step: 50), tensors: sampleTensors(step: 50))
      try folder.write(sample(step: 10), tensors: sampleTensors(step: 10))
      #expect(try listing(path) == ["stage01-step000010.h5", "stage01-step000050.h5"])
    }
  }

  @Test func `a damaged newest checkpoint is set aside with a warning and the one before is used`() throws {
    try withTemporaryDirectory { path in
      let folder = CheckpointFolder(path, keep: 4)
      for step in [1, 2, 3] { try folder.write(sample(step: step), tensors: sampleTensors(step: step)) }
      let newest = path + "/stage01-step000003.h5"
      let entry = try #require(
        HDF5Seal.manifest(newest).datasets.first { $0.name == "optimizer/first_moment/embedding" })
      try flip(newest, entry.offset + 17)
      try cut(path + "/stage01-step000002.h5", 3000)
      try Data("half".utf8).write(to: URL(fileURLWithPath: path + "/stage01-step000004.h5.partial"))
      try Data("mine".utf8).write(to: URL(fileURLWithPath: path + "/notes.partial"))
      var warnings: [String] = []
      #expect(try position(of: folder) { warnings.append($0) } == sample(step: 1).position)
      #expect(warnings.count == 2)
      #expect(warnings[0].contains("stage01-step000003.h5: optimizer/first_moment/embedding"))
      #expect(warnings[0].contains("its bytes do not match its checksum"))
      #expect(warnings[1].contains("stage01-step000002.h5") && warnings[1].contains("cut short"))
      #expect(
        try listing(path) == [
          "notes.partial", "stage01-step000001.h5", "stage01-step000002.h5.damaged", "stage01-step000003.h5.damaged",
        ])
      // The run goes on from step 1 and reaches step 3 again, which is damaged again.
      try folder.write(sample(step: 3), tensors: sampleTensors(step: 3))
      try flip(newest, 5)
      #expect(try position(of: folder) { _ in } == sample(step: 1).position)
      #expect(try listing(path).contains("stage01-step000003.h5.damaged-2"))
    }
  }

  @Test func `looking for the newest whole checkpoint changes nothing`() throws {
    try withTemporaryDirectory { path in
      let folder = CheckpointFolder(path, keep: 4)
      for step in [1, 2] { try folder.write(sample(step: step), tensors: sampleTensors(step: step)) }
      try cut(path + "/stage01-step000002.h5", 3000)
      // What a run that goes on here is writing just now.
      try Data("half".utf8).write(to: URL(fileURLWithPath: path + "/stage01-step000003.h5.partial"))
      let before = try listing(path)
      var warnings: [String] = []
      guard let reader = try folder.newest(warn: { warnings.append($0) }) else { throw Missing() }
      #expect(reader.checkpoint.position == sample(step: 1).position)
      #expect(warnings.count == 1 && warnings[0].contains("stage01-step000002.h5"))
      #expect(try listing(path) == before)
    }
  }

  @Test func `a folder without a whole checkpoint gives none`() throws {
    try withTemporaryDirectory { path in
      #expect(try position(of: CheckpointFolder(path + "/missing", keep: 1)) { _ in } == nil)
      let folder = CheckpointFolder(path, keep: 1)
      try folder.write(sample(step: 1), tensors: sampleTensors(step: 1))
      try cut(path + "/stage01-step000001.h5", 0)
      var warnings: [String] = []
      #expect(try position(of: folder) { warnings.append($0) } == nil)
      #expect(warnings.count == 1)
    }
  }

  @Test func `a checkpoint of a later version is an error and stays as it is`() throws {
    try withTemporaryDirectory { path in
      let folder = CheckpointFolder(path, keep: 1)
      do {
        let file = try HDF5File(creating: path + "/stage01-step000009.h5", sealable: true)
        try file.setAttribute("format", .string("extend-checkpoint"))
        try file.setAttribute("version", .integer(2))
        try file.closeSealed()
      }
      #expect(throws: HDF5Error.self) { try position(of: folder) { _ in } }
      #expect(try listing(path) == ["stage01-step000009.h5"])
    }
  }

  @Test(.enabled(if: canMount, "needs the right to mount a small file system (root)"))
  func `too little space is told before writing, and what was there stays`() throws {
    try withTemporaryDirectory { path in
      try #require(mount(path))
      defer { _ = run("/bin/umount", ["-l", path]) }
      let folder = CheckpointFolder(path, keep: 1)
      try folder.write(sample(step: 1), tensors: sampleTensors(step: 1, width: 10_000))
      // 4 × 100,000 × 3 floats do not fit; the estimate knows.
      let early = #expect(throws: FileError.self) {
        try folder.write(sample(step: 2), tensors: sampleTensors(step: 2, width: 100_000))
      }
      #expect(early?.message.contains("disk full: needed 4.89 MB, free ") == true)
      // Here nobody estimated: HDF5 itself meets the full disk.
      try Data(count: 2_000_000).write(to: URL(fileURLWithPath: path + "/filler"))
      let late = #expect(throws: FileError.self) {
        try AtomicFile.write(to: path + "/stage01-step000002.h5") { partial in
          let file = try HDF5File(creating: partial, sealable: true)
          for index in 0..<100 {
            try file.write([Float](repeating: 1, count: 10_000), shape: [10_000], to: "w\(index)")
          }
          try file.closeSealed()
        }
      }
      #expect(late?.isDiskFull == true)
      #expect(try listing(path) == ["filler", "stage01-step000001.h5"])
      guard let reader = try folder.recover(warn: { Issue.record("\($0)") }) else { throw Missing() }
      #expect(try holdsSample(reader, step: 1, width: 10_000))
    }
  }

  /// The position of the newest whole checkpoint.
  func position(of folder: CheckpointFolder, warn: (String) -> Void) throws -> CheckpointPosition? {
    guard let reader = try folder.recover(warn: warn) else { return nil }
    #expect(try holdsSample(reader, step: reader.checkpoint.position.stepInStage))
    return reader.checkpoint.position
  }
}

/// Mounts a memory file system of 4 MB over `folder`; false where that is not allowed.
private func mount(_ folder: String) -> Bool {
  run("/bin/mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]) == 0
}

/// Whether this process may mount file systems, found by trying.
private let canMount =
  (try? withTemporaryDirectory { folder in
    guard mount(folder) else { return false }
    return run("/bin/umount", ["-l", folder]) == 0
  }) ?? false
