import Foundation

/// A safetensors file of numbers, as fixtures use it: eight bytes with the header's length (little-endian), a JSON
/// header, then the values of every tensor.
public struct Safetensors: Sendable {
  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }
  private struct Entry: Decodable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]
    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// The `__metadata__` of the header.
  public let metadata: [String: String]
  private let entries: [String: Entry]
  private let values: Data

  public init(path: String) throws {
    let data = try Data(contentsOf: URL(filePath: path))
    guard data.count >= 8 else { throw Problem(description: "\(path): \(data.count) bytes, expected a header") }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(data.count - 8) else {
      throw Problem(description: "\(path): the header claims \(length) of \(data.count - 8) bytes")
    }
    let header = data.dropFirst(8).prefix(Int(length))
    var entries: [String: Entry] = [:]
    var metadata: [String: String] = [:]
    for (name, value) in try JSONDecoder().decode([String: Value].self, from: header) {
      switch value {
      case .entry(let entry): entries[name] = entry
      case .metadata(let values): metadata = values
      }
    }
    self.metadata = metadata
    self.entries = entries
    values = Data(data.dropFirst(8 + Int(length)))
  }

  private enum Value: Decodable {
    case entry(Entry)
    case metadata([String: String])
    init(from decoder: any Decoder) throws {
      let isMetadata = decoder.codingPath.last?.stringValue == "__metadata__"
      self = isMetadata ? .metadata(try [String: String](from: decoder)) : .entry(try Entry(from: decoder))
    }
  }

  /// The names of all tensors, sorted.
  public var names: [String] { entries.keys.sorted() }

  /// The extents of a tensor.
  public func shape(_ name: String) throws -> [Int] { try entry(name).shape }

  /// The values of a tensor stored as F32, F64 or I64, as Doubles.
  public func doubles(_ name: String) throws -> [Double] {
    let entry = try entry(name)
    switch entry.dtype {
    case "F32": return try read(entry, name, UInt32.self) { Double(Float(bitPattern: $0)) }
    case "F64": return try read(entry, name, UInt64.self) { Double(bitPattern: $0) }
    case "I64": return try read(entry, name, UInt64.self) { Double(Int64(bitPattern: $0)) }
    default: throw Problem(description: "\(name): type \(entry.dtype), known are F32, F64 and I64")
    }
  }

  private func entry(_ name: String) throws -> Entry {
    guard let entry = entries[name] else {
      throw Problem(description: "no tensor \(name) among \(names.joined(separator: ", "))")
    }
    return entry
  }

  private func read<Bits: FixedWidthInteger>(
    _ entry: Entry, _ name: String, _ type: Bits.Type, _ value: (Bits) -> Double
  ) throws -> [Double] {
    let count = entry.shape.reduce(1, *)
    let size = MemoryLayout<Bits>.size
    guard let start = entry.offsets.first, let end = entry.offsets.last, start >= 0, end <= values.count,
      end - start == count * size
    else { throw Problem(description: "\(name): offsets \(entry.offsets) do not hold \(entry.shape)") }
    return values[start..<end].withUnsafeBytes { bytes in
      (0..<count).map { value(Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: Bits.self))) }
    }
  }
}
