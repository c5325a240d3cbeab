import GGUFFormat
import Testing

@Suite struct MetadataTests {
  @Test func keysKeepTheirOrderAndTheirPlace() {
    var metadata = Metadata()
    metadata["c"] = .uint32(1)
    metadata["a"] = .bool(true)
    metadata["b"] = .string("x")
    metadata["a"] = .bool(false)
    #expect(metadata.entries.map(\.key) == ["c", "a", "b"])
    #expect(metadata["a"] == .bool(false))
    metadata["c"] = nil
    #expect(metadata.entries.map(\.key) == ["a", "b"])
    #expect(metadata["b"] == .string("x"))
    metadata["c"] = .uint8(2)
    #expect(metadata.entries.map(\.key) == ["a", "b", "c"])
    #expect(metadata["c"] == .uint8(2))
  }

  @Test func integersOfAnyWidthReadAsInt() throws {
    var metadata = Metadata()
    for value: MetadataValue in [
      .uint8(7), .int8(7), .uint16(7), .int16(7), .uint32(7), .int32(7), .uint64(7), .int64(7),
    ] {
      metadata["n"] = value
      #expect(try metadata.require("n", as: Int.self) == 7)
    }
    metadata["n"] = .uint64(.max)
    #expect(error { _ = try metadata.require("n", as: Int.self) }?.kind == .wrongType)
    metadata["n"] = .array(.uint16([1, 2]))
    #expect(try metadata.require("n", as: [Int].self) == [1, 2])
    metadata["n"] = .array(.uint64([1, .max]))
    #expect(error { _ = try metadata.require("n", as: [Int].self) }?.kind == .wrongType)
  }

  @Test func floatsOfBothWidthsReadAsDoubleAndFloat() throws {
    var metadata = Metadata()
    metadata["theta"] = .float32(500_000)
    #expect(try metadata.require("theta", as: Double.self) == 500_000)
    metadata["theta"] = .float64(0.1)
    #expect(try metadata.require("theta", as: Float.self) == 0.1)
    metadata["scores"] = .array(.float32([-1, -2]))
    #expect(try metadata.require("scores", as: [Float].self) == [-1, -2])
    #expect(try metadata.require("scores", as: [Double].self) == [-1, -2])
    metadata["flags"] = .array(.bool([true]))
    #expect(try metadata.require("flags", as: [Bool].self) == [true])
    metadata["flag"] = .bool(true)
    #expect(try metadata.require("flag", as: Bool.self))
  }

  @Test func aMissingKeyIsNamedWithWhatIsExpected() throws {
    let metadata = try smallFile().open().metadata
    let failure = try #require(error { _ = try metadata.require("general.architecture", as: String.self) })
    #expect(failure.kind == .missingKey)
    #expect(failure.path == "raw.gguf")
    #expect(failure.subject == .key("general.architecture"))
    #expect("\(failure)".contains("raw.gguf, key \"general.architecture\": found no such key; allowed: string."))
    #expect(try metadata.find("general.architecture", as: String.self) == nil)
  }

  @Test func aWrongTypeIsNamedWithBothTypes() throws {
    let metadata = try smallFile().open().metadata
    let failure = try #require(error { _ = try metadata.find("llama.context_length", as: String.self) })
    #expect(failure.kind == .wrongType)
    #expect(failure.found == "u32 8192")
    #expect(failure.allowed == "string")
    let array = try #require(error { _ = try metadata.require("tokens", as: [Int].self) })
    #expect(array.found == "array of string 3 × string [\"a\", \"b\", \"grüße\"]")
    #expect(array.allowed == "array of an integer of any width, up to 9223372036854775807")
  }

  @Test func longAndStrangeTextIsShownShortAndPrintable() {
    let value = MetadataValue.string("\u{1b}[31m" + String(repeating: "x", count: 1000))
    #expect("\(value)".count < 100)
    #expect(!"\(value)".unicodeScalars.contains("\u{1b}"))
  }
}
