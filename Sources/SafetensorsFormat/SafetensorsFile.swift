import FoundationEssentials
import JSONText
import Kernels

/// A safetensors file, opened for reading: mapped into memory, and checked from the first byte to the last before
/// anything of it can be used.
///
/// Checked are: the header's length and JSON, names, types and shapes, and that the tensors fill the file without gap
/// or overlap. The file must not be shortened while it is open; a program that replaces it by renaming is harmless.
public struct SafetensorsFile: Sendable {
  public let path: String
  /// In the order of their bytes.
  public let tensors: [TensorEntry]
  /// The header's `__metadata__`, such as `format` = `pt`.
  public let metadata: [String: String]
  public let byteCount: Int
  private let data: Data
  private let indices: [String: Int]

  /// Opens and checks the file at `path`.
  public init(path: String) throws(SafetensorsError) {
    try self.init(Self.map(path), path: path)
  }

  /// Checks a file that is already in memory; `name` stands for its path in messages.
  public init(bytes: [UInt8], name: String) throws(SafetensorsError) {
    try self.init(Data(bytes), path: name)
  }

  private init(_ data: Data, path: String) throws(SafetensorsError) {
    (self.data, self.path, byteCount) = (data, path, data.count)
    let headerBytes = try Self.header(of: data, path: path)
    let dataOffset = 8 + headerBytes.count
    let header: SafetensorsHeader
    do throws(JSONError) {
      header = try SafetensorsHeader(headerBytes)
    } catch {
      throw SafetensorsError(
        .invalidHeader, path: path, position: 8 + error.position, found: error.found, allowed: error.allowed)
    }
    metadata = header.metadata
    tensors = try Self.place(header.entries, from: dataOffset, byteCount: data.count, path: path)
    var indices: [String: Int] = [:]
    for (index, tensor) in tensors.enumerated() where indices.updateValue(index, forKey: tensor.name) != nil {
      // The header has every key once, byte by byte; these differ in their Unicode forms only.
      throw SafetensorsError(
        .duplicateTensor, path: path, tensor: tensor.name, found: "the name a second time, in another Unicode form",
        allowed: "every name once")
    }
    self.indices = indices
  }

  /// The tensor called `name`, or nil if there is none.
  public func find(_ name: String) -> TensorEntry? { indices[name].map { tensors[$0] } }

  /// Calls `body` with the stored bytes of `tensor`, which must be one of this file's ``tensors``.
  public func withBytes<Result, Failure: Error>(
    of tensor: TensorEntry, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    require(find(tensor.name) == tensor, "withBytes: tensor '\(tensor.name)' is not one of \(path)")
    return try body(data.bytes.extracting(tensor.offset..<tensor.offset + tensor.byteCount))
  }

  /// Converts the rows `rows` of a tensor to floats.
  ///
  /// Traps unless the type is a float one, the rows exist and `values` has room for exactly them.
  public func decode(_ tensor: TensorEntry, rows: Range<Int>, into values: inout MutableSpan<Float>) {
    require(
      rows.lowerBound >= 0 && rows.upperBound <= tensor.rowCount
        && values.count == (rows.isEmpty ? 0 : rows.count * tensor.columnCount),
      "decode '\(tensor.name)': rows \(rows) of \(tensor.rowCount) into \(values.count) floats")
    if rows.isEmpty { return }
    let rowBytes = tensor.columnCount * tensor.type.byteCount
    withBytes(of: tensor) { bytes in
      tensor.type.convertibleFormat.decode(
        bytes.extracting(rows.lowerBound * rowBytes..<rows.upperBound * rowBytes), into: &values)
    }
  }

  /// Makes sure that a tensor's values can be read as floats.
  ///
  /// - Throws: `unsupportedType` for a tensor that is not F32, F16 or BF16.
  public func requireFloats(_ tensor: TensorEntry) throws(SafetensorsError) {
    if tensor.type.isFloat { return }
    throw SafetensorsError(
      .unsupportedType, path: path, tensor: tensor.name, found: "\(tensor.type) values",
      allowed: SafetensorsType.floatNames, repair: "Use an unquantised model, or convert it to one of these types.")
  }

  /// A whole tensor as floats.
  public func values(of tensor: TensorEntry) throws(SafetensorsError) -> [Float] {
    try requireFloats(tensor)
    var values = [Float](repeating: 0, count: tensor.elementCount)
    var span = values.mutableSpan
    decode(tensor, rows: 0..<tensor.rowCount, into: &span)
    return values
  }
}
