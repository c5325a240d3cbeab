import Foundation
import TestSupport
import Testing

@testable import GGUFFormat

/// Models in several files.
@Suite struct SplitTests {
  static let plans = (0..<6).map { TensorPlan(name: "t\($0)", extents: [64, 4], type: .f32) }

  static func values(_ name: String) -> [Float] {
    (0..<256).map { Float($0) + 1000 * (Float(name.dropFirst()) ?? 0) }
  }

  @discardableResult
  static func write(_ folder: String, partBytes: Int?) throws -> [(path: String, byteCount: Int)] {
    var metadata = Metadata()
    metadata["general.architecture"] = .string("llama")
    return try GGUFParts(metadata: metadata, tensors: plans, partBytes: partBytes).write(to: folder + "/m.gguf") {
      plan, sink in
      try sink.append(values(plan.name).span)
    }
  }

  @Test func `parts have llama.cpp's names and keys, and are read back as one`() throws {
    try withTemporaryDirectory { folder in
      let parts = try Self.write(folder, partBytes: 2500)
      #expect(parts.count == 3)
      #expect(try names(in: folder) == (1...3).map { "m-0000\($0)-of-00003.gguf" })
      for (path, byteCount) in parts { #expect(try contents(path).count == byteCount) }
      let file = try GGUFFile(path: parts[0].path)
      #expect(file.metadata["split.no"] == .uint16(0) && file.metadata["split.count"] == .uint16(3))
      #expect(file.metadata["split.tensors.count"] == .int32(6))
      #expect(file.tensors.map(\.name) == Self.plans.map(\.name))
      #expect(file.tensors.map(\.part) == [0, 0, 1, 1, 2, 2])
      for tensor in file.tensors { #expect(file.values(of: tensor) == Self.values(tensor.name)) }
      #expect(file.byteCount == parts.reduce(0) { $0 + $1.byteCount })
    }
  }

  @Test func `a model that fits is one file without the keys`() throws {
    try withTemporaryDirectory { folder in
      for size in [nil, 1 << 20] {
        let parts = try Self.write(folder, partBytes: size)
        #expect(parts.map(\.path) == [folder + "/m.gguf"])
        let left = try names(in: folder)
        #expect(left == ["m.gguf"])
        let file = try GGUFFile(path: folder + "/m.gguf")
        #expect(file.metadata["split.count"] == nil)
      }
    }
  }

  @Test func `a part that is missing, misnamed, another's or damaged is told`() throws {
    try withTemporaryDirectory { folder in
      let parts = try Self.write(folder, partBytes: 2500).map(\.path)
      func failure(_ path: String = parts[0]) -> GGUFError? { error { _ = try GGUFFile(path: path) } }
      #expect(failure() == nil)
      #expect(failure(parts[1])?.kind == .invalidSplit)
      let files = FileManager.default
      try files.copyItem(atPath: parts[0], toPath: folder + "/other.gguf")
      #expect(failure(folder + "/other.gguf")?.kind == .invalidSplit)
      try files.moveItem(atPath: parts[2], toPath: folder + "/away")
      #expect(failure()?.kind == .cannotOpen)
      #expect(failure()?.path == parts[2])
      try files.copyItem(atPath: parts[1], toPath: parts[2])
      #expect(failure()?.kind == .invalidSplit)
      try files.removeItem(atPath: parts[2])
      try Data(contents(folder + "/away").prefix(300)).write(to: URL(filePath: parts[2]))
      if case .truncated? = failure()?.kind {
      } else {
        Issue.record("a cut part was not noticed: \(String(describing: failure()))")
      }
    }
  }

  @Test func `after a failure no part stands under its name`() throws {
    struct Interruption: Error {}
    try withTemporaryDirectory { folder in
      #expect(throws: Interruption.self) {
        try GGUFParts(metadata: Metadata(), tensors: Self.plans, partBytes: 2500).write(to: folder + "/m.gguf") {
          plan, sink in
          if plan.name == "t5" { throw Interruption() }
          try sink.append(Self.values(plan.name).span)
        }
      }
      #expect(throws: Interruption.self) {
        try GGUFParts(metadata: Metadata(), tensors: Self.plans, partBytes: 2500).write(
          to: folder + "/m.gguf", inspect: { _ in throw Interruption() }
        ) { plan, sink in try sink.append(Self.values(plan.name).span) }
      }
      let left = try names(in: folder)
      #expect(left == [])
    }
  }
}
