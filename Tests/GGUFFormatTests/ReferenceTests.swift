import GGUFFormat
import TestSupport
import Testing

/// Against the bytes and floats of gguf-py, the reference implementation.
@Suite struct ReferenceTests {
  static let storedTypes: [TensorType] = [.q8_0, .q4_0, .q4_1, .q5_0, .q5_1, .q4_K, .q5_K, .q6_K, .f16, .bf16]

  static func name(_ type: TensorType) -> String { "\(type)".lowercased() }

  @Test(arguments: storedTypes)
  func everyTypeDecodesToTheReferencesBits(_ type: TensorType) throws {
    let file = try GGUFFile(path: fixturePath)
    let stored = try file.tensor("stored.\(Self.name(type))")
    let expected = try file.values(of: file.tensor("decoded.\(Self.name(type))"))
    #expect(stored.type == type)
    #expect(stored.shape == [2, 512])
    #expect(bits(file.values(of: stored)) == bits(expected))
    var row = [Float](repeating: 0, count: 512)
    var span = row.mutableSpan
    file.decode(stored, rows: 1..<2, into: &span)
    #expect(bits(row) == bits(Array(expected[512...])))
  }

  @Test(arguments: [TensorType.f16, .bf16, .q8_0])
  func encodingGivesTheReferencesBytes(_ type: TensorType) throws {
    let file = try GGUFFile(path: fixturePath)
    let expected = try file.tensor("encoded.\(Self.name(type))")
    let bytes = encode(type, try file.values(of: file.tensor("source")))
    #expect(file.withBytes(of: expected) { stored in stored.withUnsafeBytes { Array($0) } } == bytes)
  }

  @Test func metadataOfEveryTypeIsRead() throws {
    let metadata = try GGUFFile(path: fixturePath).metadata
    #expect(metadata.entries.count == 25)
    #expect(metadata["scalar.uint8"] == .uint8(255))
    #expect(metadata["scalar.int8"] == .int8(-128))
    #expect(metadata["scalar.uint16"] == .uint16(65535))
    #expect(metadata["scalar.int16"] == .int16(-32768))
    #expect(metadata["scalar.uint32"] == .uint32(.max))
    #expect(metadata["scalar.int32"] == .int32(.min))
    #expect(metadata["scalar.float32"] == .float32(0.1))
    #expect(metadata["scalar.bool"] == .bool(true))
    #expect(metadata["scalar.string"] == .string("grüße 🌍\n"))
    #expect(metadata["scalar.uint64"] == .uint64(.max))
    #expect(metadata["scalar.int64"] == .int64(.min))
    #expect(metadata["scalar.float64"] == .float64(0.1))
    #expect(metadata["array.uint8"] == .array(.uint8([255, 1, 255])))
    #expect(metadata["array.int8"] == .array(.int8([-128, 1, -128])))
    #expect(metadata["array.uint16"] == .array(.uint16([65535, 1, 65535])))
    #expect(metadata["array.int16"] == .array(.int16([-32768, 1, -32768])))
    #expect(metadata["array.uint32"] == .array(.uint32([.max, 1, .max])))
    #expect(metadata["array.int32"] == .array(.int32([.min, 1, .min])))
    #expect(metadata["array.float32"] == .array(.float32([0.1, 1, 0.1])))
    #expect(metadata["array.bool"] == .array(.bool([true, false, true])))
    #expect(metadata["array.string"] == .array(.string(["grüße 🌍\n", "", "grüße 🌍\n"])))
    #expect(metadata["array.uint64"] == .array(.uint64([.max, 1, .max])))
    #expect(metadata["array.int64"] == .array(.int64([.min, 1, .min])))
    #expect(metadata["array.float64"] == .array(.float64([0.1, 1, 0.1])))
  }

  @Test func aFileWrittenAgainHasTheReferencesBytes() throws {
    let file = try GGUFFile(path: fixturePath)
    let plans = file.tensors.map { TensorPlan(name: $0.name, extents: $0.extents, type: $0.type) }
    let writer = try GGUFWriter(metadata: file.metadata, tensors: plans)
    try withTemporaryDirectory { folder in
      try writer.write(to: folder + "/copy.gguf") { plan, sink in
        try file.withBytes(of: file.tensor(plan.name)) { try sink.append(bytes: $0) }
      }
      let copy = try contents(folder + "/copy.gguf")
      #expect(copy.count == writer.byteCount)
      #expect(copy == (try contents(fixturePath)))
      #expect(try names(in: folder) == ["copy.gguf"])
    }
  }
}
