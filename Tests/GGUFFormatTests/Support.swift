import Foundation
import GGUFFormat
import TestSupport

/// Fixtures/all-types.gguf, made by Scripts/make-gguf-fixture.py.
let fixturePath = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "Fixtures/all-types.gguf").path

/// Builds files byte by byte, without the writer under test, so that they can be wrong on purpose.
struct RawFile {
  var bytes: [UInt8] = []

  /// Magic, version 3, counts.
  init(tensors: UInt64, keys: UInt64, version: UInt32 = 3, magic: String = "GGUF") {
    bytes = Array(magic.utf8)
    number(version)
    number(tensors)
    number(keys)
  }

  mutating func number(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func string(_ text: String) {
    number(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func key(_ name: String, uint32 value: UInt32) {
    string(name)
    number(UInt32(4))
    number(value)
  }

  mutating func tensor(_ name: String, _ extents: [UInt64], type: UInt32 = 0, offset: UInt64 = 0) {
    string(name)
    number(UInt32(extents.count))
    for extent in extents { number(extent) }
    number(type)
    number(offset)
  }

  mutating func data(_ count: Int, alignment: Int = 32) {
    bytes.append(contentsOf: [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment + count))
  }

  func open() throws(GGUFError) -> GGUFFile { try GGUFFile(bytes: bytes, name: "raw.gguf") }
}

/// A small valid file with a few keys and two tensors, 8 floats and one Q8_0 block.
func smallFile() -> RawFile {
  var file = RawFile(tensors: 2, keys: 3)
  file.key("llama.context_length", uint32: 8192)
  file.string("general.name")
  file.number(UInt32(8))
  file.string("small")
  file.string("tokens")
  file.number(UInt32(9))
  file.number(UInt32(8))
  file.number(UInt64(3))
  for token in ["a", "b", "grüße"] { file.string(token) }
  file.tensor("first.weight", [4, 2])
  file.tensor("second.weight", [32], type: 8, offset: 32)
  file.data(32 + 34)
  return file
}

func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

func decode(_ type: TensorType, _ bytes: [UInt8]) -> [Float] {
  var values = [Float](repeating: .nan, count: bytes.count / type.blockBytes * type.blockSize)
  var span = values.mutableSpan
  type.decode(bytes.span.bytes, into: &span)
  return values
}

func encode(_ type: TensorType, _ values: [Float]) -> [UInt8] {
  var bytes = [UInt8](repeating: 0xee, count: values.count / type.blockSize * type.blockBytes)
  var span = bytes.mutableSpan
  type.encode(values.span, into: &span)
  return bytes
}

func contents(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

func names(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// The error that `body` throws, or nil.
func error(_ body: () throws -> Void) -> GGUFError? {
  do { try body() } catch { return error as? GGUFError }
  return nil
}
