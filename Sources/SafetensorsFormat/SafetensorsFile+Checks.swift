import AtomicFiles
import FoundationEssentials
import JSONText

extension SafetensorsFile {
  static func map(_ path: String) throws(SafetensorsError) -> Data {
    do {
      return try mappedBytes(of: path)
    } catch {
      throw SafetensorsError(
        .cannotOpen, path: path, found: error.found, allowed: "a readable safetensors file", repair: "Check the path.")
    }
  }

  /// The bytes of the JSON header, whose length the first eight bytes state.
  static func header(of data: Data, path: String) throws(SafetensorsError) -> [UInt8] {
    func truncated(_ missing: Int, _ what: String) -> SafetensorsError {
      SafetensorsError(
        .truncated(missingBytes: missing), path: path, position: data.count,
        found: "a file of \(data.count) bytes, \(missing) bytes are missing", allowed: what,
        repair: "The file is cut off; download or convert it again.")
    }
    if data.count < 8 { throw truncated(8 - data.count, "8 bytes with the length of the header") }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    if length > UInt64(SafetensorsHeader.mostBytes) {
      throw SafetensorsError(
        .headerTooLarge, path: path, position: 0, found: "a header of \(length) bytes",
        allowed: "at most \(SafetensorsHeader.mostBytes)",
        repair: "This is another kind of file, or damaged; download or convert it again.")
    }
    if Int(length) > data.count - 8 { throw truncated(Int(length) - (data.count - 8), "a header of \(length) bytes") }
    let header = Array(data[8..<8 + Int(length)])
    if header.first != UInt8(ascii: "{") {
      throw SafetensorsError(
        .invalidHeader, path: path, position: 8,
        found: header.first.map { "the byte 0x" + String($0, radix: 16) } ?? "an empty header",
        allowed: "{, the beginning of a JSON object")
    }
    return header
  }

  /// Gives every entry its place: sorted by their bytes, the tensors fill the file.
  static func place(
    _ entries: [SafetensorsHeader.Entry], from dataOffset: Int, byteCount: Int, path: String
  ) throws(SafetensorsError) -> [TensorEntry] {
    // Tensors without values share their place with the next one; they come first.
    let sorted = entries.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var tensors: [TensorEntry] = []
    var expected = 0
    for entry in sorted {
      func refuse(_ kind: SafetensorsError.Kind, _ found: String, _ allowed: String) -> SafetensorsError {
        SafetensorsError(
          kind, path: path, position: 8 + entry.position, tensor: entry.name, found: found, allowed: allowed)
      }
      guard let type = SafetensorsType(rawValue: entry.type) else {
        throw refuse(
          .unsupportedType, "dtype \(quoted(entry.type))",
          SafetensorsType.allCases.map(\.rawValue).joined(separator: ", "))
      }
      guard let size = size(of: entry.shape, type) else {
        throw refuse(.invalidShape, "shape \(entry.shape) in \(type)", "fewer than 2^62 bytes")
      }
      guard entry.begin == expected else {
        throw refuse(
          .misplacedTensor, "bytes from \(entry.begin)", "\(expected), the end of the tensor before it")
      }
      guard entry.end - entry.begin == size, entry.end >= entry.begin else {
        throw refuse(
          .misplacedTensor, "data_offsets [\(entry.begin), \(entry.end)] for shape \(entry.shape) in \(type)",
          "\(size) bytes")
      }
      expected = entry.end
      tensors.append(
        TensorEntry(
          name: entry.name, type: type, shape: entry.shape, offset: dataOffset + entry.begin, byteCount: size))
      if expected > byteCount - dataOffset {
        let end = sorted.last?.end ?? expected
        throw SafetensorsError(
          .truncated(missingBytes: max(expected, end) - (byteCount - dataOffset)), path: path, position: byteCount,
          tensor: entry.name, found: "a file of \(byteCount) bytes, which ends before the tensor does",
          allowed: "bytes up to \(expected) after the header",
          repair: "The file is cut off; download or convert it again.")
      }
    }
    if expected != byteCount - dataOffset {
      throw SafetensorsError(
        .trailingBytes, path: path, position: dataOffset + expected,
        found: "\(byteCount - dataOffset - expected) bytes that belong to no tensor", allowed: "the end of the file")
    }
    return tensors
  }

  /// Bytes of a shape; nil for more than any file holds.
  static func size(of shape: [Int], _ type: SafetensorsType) -> Int? {
    if shape.contains(0) { return 0 }
    var size = type.byteCount
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      if overflow || product >= 1 << 62 { return nil }
      size = product
    }
    return size
  }
}
