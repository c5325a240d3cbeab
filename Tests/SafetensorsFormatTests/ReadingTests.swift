import Foundation
import SafetensorsFormat
import TestSupport
import Testing

/// Opening files, sound and hostile.
struct ReadingTests {
  @Test func `a sound file gives its tensors`() throws {
    let file = try SafetensorsFile(bytes: soundBytes, name: "sound")
    #expect(Set(file.tensors.map(\.name)) == ["a", "b", "c", "none", "one"])
    #expect(file.metadata == ["format": "pt"])
    let a = try #require(file.find("a"))
    #expect((a.rowCount, a.columnCount, a.elementCount) == (2, 3, 6))
    // Byte k of the data is k.
    let expected = (0..<6).map { Float(bitPattern: 0x0302_0100 + UInt32($0) * 0x0404_0404) }
    #expect(try file.values(of: a) == expected)
    var row: [Float] = [0, 0, 0]
    var span = row.mutableSpan
    file.decode(a, rows: 1..<2, into: &span)
    #expect(row == Array(expected[3...]))
    // The bytes 24 and 25 as a bfloat: 0x1918.
    #expect(try file.values(of: #require(file.find("b")))[0] == Float(bitPattern: 0x1918_0000))
    #expect(try file.values(of: #require(file.find("c")))[0] == Float(Float16(bitPattern: 0x2524)))
    #expect(try file.values(of: #require(file.find("none"))) == [])
    let error = try #require(throws: SafetensorsError.self) { try file.values(of: #require(file.find("one"))) }
    #expect(error.kind == .unsupportedType)
    #expect(file.find("d") == nil)
  }

  static let hostile: [(String, [UInt8], SafetensorsError.Kind)] = [
    ("nothing", [], .truncated(missingBytes: 8)),
    ("seven bytes", [0, 0, 0, 0, 0, 0, 0], .truncated(missingBytes: 1)),
    ("a header of 2^64 − 1", bytes(header: "{}", length: .max), .headerTooLarge),
    ("a header of 2^63", bytes(header: "{}", length: 1 << 63), .headerTooLarge),
    ("a header of 100 MB + 1", bytes(header: "{}", length: 100_000_001), .headerTooLarge),
    (
      "a header of 100 MB in a small file", bytes(header: "{}", length: 100_000_000),
      .truncated(missingBytes: 99_999_998)
    ),
    ("an empty header", bytes(header: ""), .invalidHeader),
    ("a space before the brace", bytes(header: " {}"), .invalidHeader),
    ("an array", bytes(header: "[]"), .invalidHeader),
    ("text after the object", bytes(header: "{}x"), .invalidHeader),
    ("a tensor twice", bytes(header: one("U8", "[1]", "[0,1]", twice: true), data: 2), .invalidHeader),
    (
      "a tensor in two Unicode forms",
      bytes(
        header: "{\"\u{e9}\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
          + "\"e\u{301}\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", data: 2), .duplicateTensor
    ),
    ("metadata of numbers", bytes(header: "{\"__metadata__\":{\"a\":1}}"), .invalidHeader),
    ("no dtype", bytes(header: "{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", data: 1), .invalidHeader),
    ("no shape", bytes(header: "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", data: 1), .invalidHeader),
    ("an unknown key", bytes(header: "{\"a\":{\"x\":1}}"), .invalidHeader),
    ("one offset", bytes(header: one("U8", "[1]", "[0]"), data: 1), .invalidHeader),
    ("three offsets", bytes(header: one("U8", "[1]", "[0,1,1]"), data: 1), .invalidHeader),
    ("a negative extent", bytes(header: one("U8", "[-1]", "[0,1]"), data: 1), .invalidHeader),
    ("an extent with a point", bytes(header: one("U8", "[1.0]", "[0,1]"), data: 1), .invalidHeader),
    ("an extent beyond Int", bytes(header: one("U8", "[9223372036854775808]", "[0,1]"), data: 1), .invalidHeader),
    ("nine extents", bytes(header: one("U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]"), data: 1), .invalidHeader),
    ("an unknown dtype", bytes(header: one("F4", "[2]", "[0,1]"), data: 1), .unsupportedType),
    ("extents that overflow", bytes(header: one("F32", "[4611686018427387904,4]", "[0,16]"), data: 16), .invalidShape),
    (
      "an offset beyond Int's half",
      bytes(header: one("U8", "[1]", "[9223372036854775807,9223372036854775807]"), data: 1),
      .misplacedTensor
    ),
    ("offsets backwards", bytes(header: one("U8", "[1]", "[1,0]"), data: 1), .misplacedTensor),
    ("a shape that does not fill its offsets", bytes(header: one("F32", "[2]", "[0,4]"), data: 4), .misplacedTensor),
    ("a gap at the start", bytes(header: one("U8", "[1]", "[1,2]"), data: 2), .misplacedTensor),
    ("an overlap", bytes(header: two("[0,2]", "[1,3]"), data: 3), .misplacedTensor),
    ("the same bytes twice", bytes(header: two("[0,2]", "[0,2]"), data: 2), .misplacedTensor),
    ("a hole", bytes(header: two("[0,2]", "[3,5]"), data: 5), .misplacedTensor),
    ("a file cut off", bytes(header: two("[0,2]", "[2,4]"), data: 3), .truncated(missingBytes: 1)),
    ("a byte too many", bytes(header: two("[0,2]", "[2,4]"), data: 5), .trailingBytes),
    ("no tensor and a byte", bytes(header: "{}", data: 1), .trailingBytes),
  ]

  static func one(_ type: String, _ shape: String, _ offsets: String, twice: Bool = false) -> String {
    let entry = "\"a\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    return twice ? "{\(entry),\(entry)}" : "{\(entry)}"
  }

  static func two(_ first: String, _ second: String) -> String {
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":\(first)},"
      + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":\(second)}}"
  }

  @Test(arguments: hostile.indices) func `a malformed file is refused, and the message says why`(index: Int) throws {
    let (name, bytes, kind) = Self.hostile[index]
    let error = try #require(throws: SafetensorsError.self) { _ = try SafetensorsFile(bytes: bytes, name: "bad.st") }
    #expect(error.kind == kind, "\(name): \(error)")
    for part in ["bad.st", error.found, error.allowed, error.repair] {
      #expect(!part.isEmpty && error.description.contains(part))
    }
  }

  @Test func `a flood of tensors is refused`() throws {
    let entries = (0...1 << 13).map { "\"\($0)\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}" }
    let error = try #require(throws: SafetensorsError.self) {
      _ = try SafetensorsFile(bytes: bytes(header: "{" + entries.joined(separator: ",") + "}"), name: "flood")
    }
    #expect(error.kind == .invalidHeader)
    #expect(error.found.contains("tensors"))
  }

  @Test func `shapes without elements may claim any other extent`() throws {
    let header = ReadingTests.one("F64", "[4611686018427387904,0,4611686018427387904]", "[0,0]")
    let file = try SafetensorsFile(bytes: bytes(header: header), name: "empty")
    #expect(file.tensors[0].elementCount == 0)
    #expect(file.tensors[0].rowCount == 0)
  }

  @Test func `paths that cannot be opened are refused`() throws {
    try withTemporaryDirectory { folder in
      for path in [folder, folder + "/absent.safetensors"] {
        let error = try #require(throws: SafetensorsError.self) { _ = try SafetensorsFile(path: path) }
        #expect(error.kind == .cannotOpen)
      }
    }
  }
}
