import Foundation
import AtomicFiles
import HDF5Storage
import TensorCore
import TestSupport
import Testing

@testable import Checkpointing

@Suite struct CheckpointTests {
  @Test func `a checkpoint comes back bit for bit`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/c.h5"
      let tensors = sampleTensors(step: 3)
      try CheckpointWriter.write(sample(stage: 1, step: 3), tensors: tensors, to: path)
      let reader = try CheckpointReader(opening: path)
      #expect(reader.checkpoint == sample(stage: 1, step: 3))
      #expect(reader.checkpoint.text(CheckpointKey.recipe) == "stages: []\n")
      #expect(reader.checkpoint.text(CheckpointKey.tokenizer) == nil)
      #expect(reader.checkpoint.integer(CheckpointKey.seed) == -7)
      #expect(reader.checkpoint.string(CheckpointKey.dataFingerprint) == "ab12")
      #expect(try holdsSample(reader, step: 3))
      #expect(try reader.tensor(.weight, "embedding", isParameter: true).isParameter)
      #expect(throws: HDF5Error.self) { try reader.tensor(.weight, "none") }
      let size = try #require(FileSystem.byteCount(of: path))
      #expect(size <= CheckpointWriter.byteCount(sample(stage: 1, step: 3), tensors: tensors))
    }
  }

  @Test func `moments in eight bits come back byte for byte, and count in the size`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/c.h5"
      let codes = CodeRole.allCases.map { CheckpointCodes($0, "layers/0/norm", (0..<200_000).map { UInt8($0 % 251) }) }
      let scales = CheckpointTensor(
        .firstMomentScales, "layers/0/norm", axes: ["block"], Tensor(Shape(2), [3, .infinity]))
      try CheckpointWriter.write(sample(step: 3), tensors: [scales], codes: codes, to: path)
      let reader = try CheckpointReader(opening: path)
      for expected in codes { #expect(try reader.codes(expected.role, expected.name) == expected.codes) }
      #expect(try reader.tensor(.firstMomentScales, "layers/0/norm").values == [3, .infinity])
      #expect(throws: HDF5Error.self) { try reader.codes(.firstMoment, "none") }
      let size = try #require(FileSystem.byteCount(of: path))
      #expect(size >= 400_000 && size <= CheckpointWriter.byteCount(sample(step: 3), tensors: [scales], codes: codes))
    }
  }

  @Test func `the same checkpoint gives the same file, at another time too`() throws {
    try withTemporaryDirectory { folder in
      for name in ["a", "b"] {
        // HDF5 notes times in whole seconds.
        if name == "b" { Thread.sleep(forTimeInterval: 1.1) }
        try CheckpointWriter.write(sample(step: 1), tensors: sampleTensors(step: 1), to: "\(folder)/\(name)")
      }
      #expect(FileManager.default.contentsEqual(atPath: folder + "/a", andPath: folder + "/b"))
    }
  }

  @Test func `a checkpoint without optimizer state has no such tensors`() throws {
    try withTemporaryDirectory { folder in
      let weights = sampleTensors(step: 1).filter { $0.role == .weight }
      try CheckpointWriter.write(sample(step: 1), tensors: weights, to: folder + "/w.h5")
      let reader = try CheckpointReader(opening: folder + "/w.h5")
      #expect(throws: HDF5Error.self) { try reader.tensor(.firstMoment, "embedding") }
      #expect(try reader.tensor(.weight, "embedding").shape == Shape(4, 5))
    }
  }

  @Test func `every flipped byte is an error, and names the dataset it lies in`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/c.h5"
      try CheckpointWriter.write(sample(step: 2), tensors: sampleTensors(step: 2), to: path)
      let size = try #require(FileSystem.byteCount(of: path))
      let manifest = try HDF5Seal.manifest(path)
      #expect(manifest.notes["stage"] == "1" && manifest.notes["stage_step"] == "2")
      var named: Set<String> = []
      for place in Array(0..<600) + Array(stride(from: 600, to: size, by: 3)) {
        try flip(path, place)
        do throws(HDF5Error) {
          _ = try CheckpointReader(opening: path)
          Issue.record("a flipped bit at byte \(place) went unnoticed")
        } catch {
          named.insert(error.object)
          let owner = manifest.datasets.first { $0.offset <= place && place < $0.offset + $0.bytes }
          if let owner { #expect(error.object == owner.name) }
        }
        try flip(path, place)
      }
      #expect(named.contains("optimizer/second_moment/embedding") && named.contains("documents/recipe.yaml"))
      let reader = try CheckpointReader(opening: path)
      #expect(try holdsSample(reader, step: 2))
    }
  }

  @Test func `a file cut anywhere is an error`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/c.h5"
      try CheckpointWriter.write(sample(step: 2), tensors: sampleTensors(step: 2), to: path)
      let size = try #require(FileSystem.byteCount(of: path))
      for length in stride(from: size - 1, through: 0, by: -53) {
        try cut(path, length)
        #expect(throws: HDF5Error.self) { _ = try CheckpointReader(opening: path) }
      }
    }
  }

  @Test func `names that HDF5 would read as another path are refused`() throws {
    try withTemporaryDirectory { folder in
      for name in ["", "a//b", "/a", "a/.", "a\0"] {
        let tensor = CheckpointTensor(.weight, name, axes: ["feature"], Tensor(Shape(1), [1]))
        #expect(throws: HDF5Error.self) {
          try CheckpointWriter.write(sample(step: 1), tensors: [tensor], to: folder + "/c.h5")
        }
      }
      let twice = CheckpointTensor(.weight, "a", axes: ["feature"], Tensor(Shape(1), [1]))
      #expect(throws: HDF5Error.self) {
        try CheckpointWriter.write(sample(step: 1), tensors: [twice, twice], to: folder + "/c.h5")
      }
      let left = try listing(folder)
      #expect(left == [])
    }
  }

  @Test func `a sealed file of another kind or version is refused with its format`() throws {
    try withTemporaryDirectory { folder in
      for (format, version) in [("extend-token-cache", 1), ("extend-checkpoint", 99)] {
        do {
          let file = try HDF5File(creating: folder + "/o.h5", sealable: true)
          try file.setAttribute("format", .string(format))
          try file.setAttribute("version", .integer(Int64(version)))
          try file.closeSealed()
        }
        let error = #expect(throws: HDF5Error.self) { _ = try CheckpointReader(opening: folder + "/o.h5") }
        #expect(error?.kind == .mismatch)
      }
    }
  }

  /// Set EXTEND_ORACLE_PYTHON to a Python that has h5py and xxhash or h5py alone.
  @Test(.enabled(if: oraclePython != nil, "needs EXTEND_ORACLE_PYTHON"))
  func `h5py reads a checkpoint`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/c.h5"
      try CheckpointWriter.write(sample(stage: 1, step: 3), tensors: sampleTensors(step: 3), to: path)
      let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Scripts/read-checkpoint.py").path
      #expect(run(try #require(oraclePython), [script, path, "--expect-sample"]) == 0)
    }
  }
}

let oraclePython = ProcessInfo.processInfo.environment["EXTEND_ORACLE_PYTHON"]
