import Foundation
import TestSupport
import Testing

@testable import GGUFFormat

@Suite struct WriterTests {
  static let scalars: [MetadataValue] = [
    .uint8(.max), .int8(.min), .uint16(.max), .int16(.min), .uint32(.max), .int32(.min), .float32(-0.1),
    .bool(true), .bool(false), .string("héllo 👋🏽"), .string(""), .uint64(.max), .int64(.min), .float64(.pi),
  ]
  static let arrays: [MetadataArray] = [
    .uint8([1, 2]), .int8([-1]), .uint16([1, .max]), .int16([.min]), .uint32([.max]), .int32([-5, 5]),
    .float32([1.5, -.infinity]), .bool([true, false]), .string(["a", "", "ü"]), .uint64([.max]), .int64([.min]),
    .float64([.greatestFiniteMagnitude]), .string([]), .int32([]),
  ]

  static func floats(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
  }

  @Test func everyValueTypeSurvivesWritingAndReading() throws {
    var metadata = Metadata()
    for (number, value) in Self.scalars.enumerated() { metadata["scalar.\(number)"] = value }
    for (number, array) in Self.arrays.enumerated() { metadata["array.\(number)"] = .array(array) }
    try withTemporaryDirectory { folder in
      let path = folder + "/metadata.gguf"
      try GGUFWriter(metadata: metadata, tensors: []).write(to: path) { _, _ in }
      #expect(try GGUFFile(path: path).metadata == metadata)
    }
  }

  @Test func everyTensorTypeSurvivesWritingAndReading() throws {
    let plans = TensorType.allCases.map { TensorPlan(name: "\($0).weight", shape: [3, 512], type: $0) }
    let source = Self.floats(3 * 512, seed: 3)
    try withTemporaryDirectory { folder in
      let path = folder + "/tensors.gguf"
      var stored = [String: [UInt8]]()
      try GGUFWriter(metadata: Metadata(), tensors: plans).write(to: path) { plan, sink in
        stored[plan.name] = encode(plan.type, source)
        for row in 0..<3 { try sink.append(source.span.extracting(row * 512..<row * 512 + 512)) }
      }
      let file = try GGUFFile(path: path)
      #expect(file.tensors.map(\.name) == plans.map(\.name))
      for tensor in file.tensors {
        #expect(tensor.shape == [3, 512])
        #expect(tensor.offset % 32 == 0)
        #expect(file.withBytes(of: tensor) { bytes in bytes.withUnsafeBytes { Array($0) } } == stored[tensor.name])
      }
      #expect(bits(try file.values(of: file.tensor("F32.weight"))) == bits(source))
    }
  }

  @Test func piecesOfAnySizeGiveTheSameFile() throws {
    // More than the writer's own pieces and buffers hold.
    let values = Self.floats(1024 * 640, seed: 5)
    let plan = TensorPlan(name: "w", extents: [1024, 640], type: .q8_0)
    var metadata = Metadata()
    metadata["general.alignment"] = .uint32(4096)
    let writer = try GGUFWriter(
      metadata: metadata, tensors: [plan, TensorPlan(name: "v", extents: [1024, 640], type: .f32)])
    try withTemporaryDirectory { folder in
      for piece in [values.count, 1024, 96] {
        try writer.write(to: folder + "/\(piece).gguf") { _, sink in
          for start in stride(from: 0, to: values.count, by: piece) {
            try sink.append(values.span.extracting(start..<min(start + piece, values.count)))
          }
        }
      }
      let whole = try contents(folder + "/\(values.count).gguf")
      #expect(whole.count == writer.byteCount)
      #expect(try contents(folder + "/1024.gguf") == whole)
      #expect(try contents(folder + "/96.gguf") == whole)
      let file = try GGUFFile(path: folder + "/96.gguf")
      #expect(file.alignment == 4096 && file.dataOffset == 4096)
      #expect(file.values(of: file.tensors[1]) == values)
    }
  }

  @Test func plansThatReadersWouldRefuseAreRefused() {
    func kind(_ plans: [TensorPlan], _ metadata: Metadata = Metadata()) -> GGUFError.Kind? {
      error { _ = try GGUFWriter(metadata: metadata, tensors: plans) }?.kind
    }
    let good = TensorPlan(name: "x", extents: [32], type: .q8_0)
    #expect(kind([good]) == nil)
    #expect(kind([good, good]) == .duplicateTensor)
    #expect(kind([TensorPlan(name: "", extents: [32], type: .f32)]) == .invalidTensorName)
    #expect(
      kind([TensorPlan(name: String(repeating: "ü", count: 32), extents: [32], type: .f32)]) == .invalidTensorName)
    #expect(kind([TensorPlan(name: "x", extents: [576], type: .q4_K)]) == .invalidShape)
    #expect(kind([TensorPlan(name: "x", extents: [1, 1, 1, 1, 1], type: .f32)]) == .invalidShape)
    #expect(kind([TensorPlan(name: "x", extents: [], type: .f32)]) == .invalidShape)
    #expect(kind([TensorPlan(name: "x", extents: [4, -1], type: .f32)]) == .invalidShape)
    #expect(kind([TensorPlan(name: "x", extents: [1 << 40, 1 << 40], type: .f32)]) == .invalidShape)
    let largest = (0..<9).map { TensorPlan(name: "x\($0)", extents: [1 << 58], type: .f32) }
    #expect(kind(largest) == .invalidShape)
    var metadata = Metadata()
    metadata["general.alignment"] = .uint32(24)
    #expect(kind([good], metadata) == .invalidAlignment)
    metadata = Metadata()
    metadata[""] = .bool(true)
    #expect(kind([good], metadata) == .invalidKey)
  }

  struct Interruption: Error {}

  /// Each way to fail, and the kind of error; nil where the caller's own error comes through.
  static let failures: [(String, GGUFError.Kind?, @Sendable (inout TensorSink) throws -> Void)] = [
    ("too few values", .wrongAmount, { try $0.append([Float](repeating: 0, count: 64).span) }),
    ("too many values", .wrongAmount, { try $0.append([Float](repeating: 0, count: 160).span) }),
    ("too many bytes", .wrongAmount, { try $0.append(bytes: [UInt8](repeating: 0, count: 137).span.bytes) }),
    ("a NaN", .notEncodable, { try $0.append([Float](repeating: .nan, count: 128).span) }),
    ("the caller's error", nil, { _ in throw Interruption() }),
  ]

  @Test func afterAFailureTheOldFileStandsAndNothingElse() throws {
    let writer = try GGUFWriter(
      metadata: Metadata(), tensors: [TensorPlan(name: "x", extents: [128], type: .q8_0)])
    try withTemporaryDirectory { folder in
      let path = folder + "/model.gguf"
      try Data("old".utf8).write(to: URL(filePath: path))
      for (name, kind, supply) in Self.failures {
        #expect("\(name)") {
          try writer.write(to: path) { _, sink in try supply(&sink) }
        } throws: { error in
          kind == nil ? error is Interruption : (error as? GGUFError)?.kind == kind
        }
        #expect(try names(in: folder) == ["model.gguf"], "\(name)")
        #expect(try contents(path) == Array("old".utf8), "\(name)")
      }
      try writer.write(to: path) { _, sink in try sink.append([Float](repeating: 1, count: 128).span) }
      #expect(try GGUFFile(path: path).tensors.count == 1)
      #expect(try names(in: folder) == ["model.gguf"])
    }
  }

  @Test func valuesWithoutAPlaceInTheTypeAreNamed() throws {
    func failure(_ type: TensorType, _ value: Float) throws -> GGUFError? {
      let writer = try GGUFWriter(metadata: Metadata(), tensors: [TensorPlan(name: "x", extents: [64], type: type)])
      var values = [Float](repeating: 0, count: 64)
      values[40] = value
      return try withTemporaryDirectory { folder in
        error {
          try writer.write(to: folder + "/x.gguf") { _, sink in
            try sink.append(values.span.extracting(first: 32))
            try sink.append(values.span.extracting(last: 32))
          }
        }
      }
    }
    #expect(try failure(.f16, 65519) == nil)
    #expect(try failure(.f16, .infinity) == nil)
    #expect(try failure(.f16, .nan) == nil)
    #expect(try failure(.f16, -65520)?.found == "-65520.0 as element 40")
    #expect(try failure(.bf16, .greatestFiniteMagnitude)?.kind == .notEncodable)
    #expect(try failure(.bf16, 3e38) == nil)
    #expect(try failure(.q8_0, .infinity)?.kind == .notEncodable)
    #expect(try failure(.q8_0, .nan)?.kind == .notEncodable)
    #expect(try failure(.q8_0, 8.4e6)?.kind == .notEncodable)
    #expect(try failure(.q8_0, 8.3e6) == nil)
    #expect(try failure(.f32, .nan) == nil)
    #expect(try failure(.q4_0, .nan)?.kind == .notEncodable)
    #expect(try failure(.q4_1, -65519.5)?.kind == .notEncodable)
  }

  @Test func aLeftoverOfAKilledProcessIsTakenOverAndALivingWriterIsNot() throws {
    let writer = try GGUFWriter(metadata: Metadata(), tensors: [])
    try withTemporaryDirectory { folder in
      let path = folder + "/model.gguf"
      try Data(repeating: 7, count: 10_000).write(to: URL(filePath: path + ".partial"))
      try writer.write(to: path) { _, _ in }
      #expect(try names(in: folder) == ["model.gguf"])
      #expect(try contents(path).count == writer.byteCount)

      let other = try OutputFile(replacing: path, byteCount: 0, failing: GGUFError.init)
      let failure = error { try writer.write(to: path) { _, _ in } }
      #expect(failure?.kind == .cannotWrite)
      #expect(failure?.found == "another process is writing it")
      #expect(try names(in: folder) == ["model.gguf", "model.gguf.partial"])
      _ = consume other
      #expect(try names(in: folder) == ["model.gguf"])
    }
  }

  @Test func foldersThatCannotBeWrittenAreNamed() throws {
    let writer = try GGUFWriter(metadata: Metadata(), tensors: [])
    try withTemporaryDirectory { folder in
      let missing = error { try writer.write(to: folder + "/none/model.gguf") { _, _ in } }
      #expect(missing?.kind == .cannotWrite)
      #expect(missing?.found.contains("No such file or directory") == true)
      let directory = error { try writer.write(to: folder) { _, _ in } }
      #expect(directory?.kind == .cannotWrite)
      let left = try names(in: folder)
      #expect(left == [])
    }
  }

  @Test func aFileLargerThanTheDiskIsRefusedBeforeItIsWritten() throws {
    let writer = try GGUFWriter(
      metadata: Metadata(), tensors: [TensorPlan(name: "x", extents: [1 << 58], type: .f32)])
    try withTemporaryDirectory { folder in
      var asked = false
      let failure = error { try writer.write(to: folder + "/model.gguf") { _, _ in asked = true } }
      #expect(failure?.kind == .cannotWrite)
      #expect(failure?.found.hasPrefix("disk full: needed 1152.92 PB, free ") == true)
      #expect(!asked)
      let left = try names(in: folder)
      #expect(left == [])
    }
  }

  /// A device on which every write fails as on a full disk.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aDiskThatFillsUpIsOneClearError() throws {
    let plan = TensorPlan(name: "x", extents: [1 << 20], type: .f32)
    let writer = try GGUFWriter(metadata: Metadata(), tensors: [plan])
    let failure = error {
      try writer.write(OutputFile(existing: "/dev/full", failing: GGUFError.init)) { _, sink in
        try sink.append([Float](repeating: 0, count: 1 << 20).span)
      }
    }
    #expect(failure?.kind == .cannotWrite)
    #expect(failure?.found == "No space left on device")
    #expect(failure?.path == "/dev/full")
  }
}
