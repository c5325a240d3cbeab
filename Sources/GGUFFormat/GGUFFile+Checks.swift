import AtomicFiles
import FoundationEssentials

extension GGUFFile {
  static func map(_ path: String) throws(GGUFError) -> Data {
    do {
      return try mappedBytes(of: path)
    } catch {
      throw GGUFError(
        .cannotOpen, path: path, found: error.found, allowed: "a readable GGUF file", repair: "Check the path.")
    }
  }

  static func version(_ cursor: inout ByteCursor) throws(GGUFError) -> Int {
    let magic: UInt32 = try cursor.number("the magic bytes")
    if magic != 0x4655_4747 {
      let bytes = (0..<4).map { String(UInt8(truncatingIfNeeded: magic >> ($0 * 8)), radix: 16) }
      throw GGUFError(
        .notGGUF, path: cursor.path, position: 0, subject: .header,
        found: "bytes \(bytes.joined(separator: " "))", allowed: "47 47 55 46 (\"GGUF\")",
        repair: "This is another kind of file; convert the model to GGUF.")
    }
    let version: UInt32 = try cursor.number("the version")
    if version == 2 || version == 3 { return Int(version) }
    let swapped = version & 0xffff == 0 && version != 0
    throw GGUFError(
      swapped ? .byteSwapped : .unsupportedVersion, path: cursor.path, position: 4, subject: .header,
      found: swapped ? "version \(version.byteSwapped) in big-endian bytes" : "version \(version)",
      allowed: swapped ? "little-endian files" : "versions 2 and 3",
      repair: swapped
        ? "Convert the file with gguf-convert-endian." : "Convert the model again with a current converter.")
  }

  /// Gives every entry its place: the running sum of padded sizes, which its offset must state.
  static func place(
    _ entries: [ByteCursor.Entry], from dataOffset: Int, _ alignment: Int, byteCount: Int, path: String
  ) throws(GGUFError) -> [TensorInfo] {
    var tensors = [TensorInfo]()
    tensors.reserveCapacity(entries.count)
    var expected = 0
    for entry in entries {
      if entry.offset != UInt64(expected) {
        throw GGUFError(
          .misplacedTensor, path: path, position: entry.offsetPosition, subject: .tensor(entry.name),
          found: "offset \(entry.offset)", allowed: "\(expected), the end of the tensor before it",
          repair: "The header is damaged; download or convert the file again.")
      }
      let (end, overflow) = expected.addingReportingOverflow(entry.byteCount)
      let next = overflow ? nil : TensorRules.padded(end, to: alignment)
      guard let next, !next.addingReportingOverflow(dataOffset).overflow else {
        throw GGUFError(
          .invalidShape, path: path, position: entry.offsetPosition, subject: .tensor(entry.name),
          found: "tensors of more than \(Int.max) bytes in all", allowed: "what a file can hold",
          repair: "The header is damaged; download or convert the file again.")
      }
      tensors.append(
        TensorInfo(
          name: entry.name, extents: entry.extents, type: entry.type, offset: dataOffset + expected,
          byteCount: entry.byteCount))
      expected = next
    }
    try expectAll(tensors, in: byteCount, path: path)
    return tensors
  }

  /// The file must reach to the end of its last tensor; the padding after it may be missing.
  private static func expectAll(_ tensors: [TensorInfo], in byteCount: Int, path: String) throws(GGUFError) {
    guard let last = tensors.last, last.offset + last.byteCount > byteCount else { return }
    let end = last.offset + last.byteCount
    let first = tensors.first { $0.offset + $0.byteCount > byteCount } ?? last
    let cut = tensors.count { $0.offset + $0.byteCount > byteCount }
    throw GGUFError(
      .truncated(missingBytes: end - byteCount), path: path, position: byteCount, subject: .tensor(first.name),
      found: "a file of \(byteCount) bytes, \(end - byteCount) bytes are missing (\(cut) of \(tensors.count) tensors)",
      allowed: "\(end) bytes", repair: "The file is cut off; download or convert it again.")
  }
}
