import Foundation
import SafetensorsFormat
import TestSupport
import Testing

/// Files out and in again, alone and in shards.
struct WritingTests {
  static let plans = [
    SafetensorsPlan(name: "a", shape: [4, 3], type: .f32), SafetensorsPlan(name: "b \"q\"", shape: [5], type: .f16),
    SafetensorsPlan(name: "c", shape: [2, 2], type: .bf16), SafetensorsPlan(name: "d", shape: [], type: .f32),
    SafetensorsPlan(name: "e", shape: [0, 4], type: .f32),
  ]

  /// Values that every type holds exactly.
  static func values(_ plan: SafetensorsPlan) -> [Float] {
    (0..<plan.shape.reduce(1, *)).map { Float($0) * 0.25 - Float(plan.name.utf8.count) }
  }

  static func write(_ writer: SafetensorsWriter, _ folder: String) throws {
    try writer.write(into: folder) { plan, sink in
      let values = values(plan)
      for value in values.indices { try sink.append(values.span.extracting(value..<value + 1)) }
    }
  }

  @Test(arguments: [1, 8, 48, 58, 59, 1000]) func `what is written is read, in however many files`(shardBytes: Int)
    throws
  {
    try withTemporaryDirectory { folder in
      let writer = SafetensorsWriter(Self.plans, shardBytes: shardBytes)
      try Self.write(writer, folder)
      #expect((writer.shards.count == 1) == (shardBytes >= 70), "\(writer.shards.count)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).count
          == writer.shards.count + (writer.shards.count > 1 ? 1 : 0))
      for shard in writer.shards where shard.plans.count > 1 {
        #expect(shard.plans.reduce(0) { $0 + $1.byteCount } <= shardBytes)
      }
      let read = try SafetensorsFolder(path: folder)
      #expect(read.tensors.count == Self.plans.count)
      for plan in Self.plans {
        let (file, tensor) = try #require(read.find(plan.name))
        #expect(file.metadata == ["format": "pt"])
        #expect((tensor.shape, tensor.type) == (plan.shape, plan.type))
        #expect(try file.values(of: tensor) == Self.values(plan))
        #expect((tensor.offset - file.byteCount) % 2 == 0)
      }
    }
  }

  @Test func `data begin at a multiple of eight`() throws {
    for length in 1...9 {
      try withTemporaryDirectory { folder in
        let plan = SafetensorsPlan(name: String(repeating: "n", count: length), shape: [1], type: .f32)
        try Self.write(SafetensorsWriter([plan]), folder)
        #expect(try SafetensorsFile(path: folder + "/model.safetensors").tensors[0].offset % 8 == 0)
      }
    }
  }

  @Test func `values without a place in the type are refused, and no file appears`() throws {
    for type in [SafetensorsType.f16, .bf16] {
      try withTemporaryDirectory { folder in
        let writer = SafetensorsWriter([SafetensorsPlan(name: "a", shape: [2], type: type)])
        let values: [Float] = [1, .greatestFiniteMagnitude]
        let error = try #require(throws: SafetensorsError.self) {
          try writer.write(into: folder) { _, sink in try sink.append(values.span) }
        }
        #expect(error.kind == .notEncodable)
        #expect(error.tensor == "a")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
      }
    }
  }

  @Test(arguments: [1, 3]) func `too few and too many values are refused, and no file appears`(count: Int) throws {
    try withTemporaryDirectory { folder in
      let writer = SafetensorsWriter([SafetensorsPlan(name: "a", shape: [2], type: .f32)])
      let values = [Float](repeating: 1, count: count)
      let error = try #require(throws: SafetensorsError.self) {
        try writer.write(into: folder) { _, sink in try sink.append(values.span) }
      }
      #expect(error.kind == .wrongAmount)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }
}

/// Folders of several files.
struct FolderTests {
  /// A sharded model, changed before it is opened.
  func opened(_ change: (String) throws -> Void) throws -> SafetensorsFolder {
    try withTemporaryDirectory { folder in
      try WritingTests.write(SafetensorsWriter(WritingTests.plans, shardBytes: 1), folder)
      try change(folder + "/")
      return try SafetensorsFolder(path: folder)
    }
  }

  func index(_ text: String) -> (String) throws -> Void {
    { try Data(text.utf8).write(to: URL(filePath: $0 + "model.safetensors.index.json")) }
  }

  @Test func `an empty folder is refused`() throws {
    try withTemporaryDirectory { folder in
      let error = try #require(throws: SafetensorsError.self) { _ = try SafetensorsFolder(path: folder) }
      #expect(error.kind == .cannotOpen)
      #expect(error.description.contains("model.safetensors.index.json"))
    }
  }

  @Test func `a missing shard is refused`() throws {
    let error = try #require(throws: SafetensorsError.self) {
      _ = try opened { try FileManager.default.removeItem(atPath: $0 + "model-00002-of-00005.safetensors") }
    }
    #expect(error.kind == .cannotOpen)
    #expect(error.path.hasSuffix("model-00002-of-00005.safetensors"))
  }

  @Test func `a shard that is another one is refused`() throws {
    let error = try #require(throws: SafetensorsError.self) {
      _ = try opened {
        try FileManager.default.removeItem(atPath: $0 + "model-00002-of-00005.safetensors")
        try FileManager.default.copyItem(
          atPath: $0 + "model-00001-of-00005.safetensors", toPath: $0 + "model-00002-of-00005.safetensors")
      }
    }
    #expect(error.kind == .duplicateTensor)
  }

  @Test func `a tensor that is not where the index says is refused`() throws {
    let text = #"{"weight_map": {"zzz": "model-00001-of-00005.safetensors"}}"#
    let error = try #require(throws: SafetensorsError.self) { _ = try opened(index(text)) }
    #expect(error.kind == .missingTensor)
    #expect(error.tensor == "zzz")
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"weight_map": {}}"#, #"{"weight_map": {"a": 1}}"#, #"{"weight_map": {"a": "../x.safetensors"}}"#,
    #"{"weight_map": {"a": "/etc/passwd"}}"#, #"{"weight_map": {"a": "model.bin"}}"#, #"{"weight_map": "a"}"#,
  ]) func `a malformed index is refused`(text: String) throws {
    let error = try #require(throws: SafetensorsError.self) { _ = try opened(index(text)) }
    #expect(error.kind == .invalidIndex, "\(error)")
  }
}
