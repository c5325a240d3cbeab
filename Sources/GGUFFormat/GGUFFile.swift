import FoundationEssentials
import Kernels

/// A GGUF file, opened for reading: mapped into memory, and checked from the first byte to the last before
/// anything of it can be used.
///
/// Checked are: magic and version (2 and 3), all counts against the file's size, keys and names, shapes and
/// types, that tensors follow one another without gaps or overlaps, and that the file holds them all. The file
/// must not be shortened while it is open; a program that replaces it by renaming, as ``GGUFWriter`` does, is
/// harmless.
public struct GGUFFile: Sendable {
  public let path: String
  public let version: Int
  public let metadata: Metadata
  /// In the order of the file.
  public internal(set) var tensors: [TensorInfo]
  /// Tensors begin at multiples of this, counted from ``dataOffset``.
  public let alignment: Int
  /// The byte at which tensor data begins.
  public let dataOffset: Int
  /// Bytes of the file, or of all parts of a split model.
  public internal(set) var byteCount: Int
  /// The files of a split model in order; of any other just this one.
  public internal(set) var paths: [String]
  var parts: [Data]
  var indices: [String: Int]

  /// Opens and checks the file at `path`, with all other parts if it is the first of a split model. Throws
  /// ``GGUFError``.
  public init(path: String) throws(GGUFError) {
    try self.init(GGUFFile.map(path), path: path)
    try joinParts()
  }

  /// Checks a file that is already in memory; `name` stands for its path in messages.
  public init(bytes: [UInt8], name: String) throws(GGUFError) {
    try self.init(Data(bytes), path: name)
  }

  init(_ data: Data, path: String) throws(GGUFError) {
    parts = [data]
    paths = [path]
    self.path = path
    byteCount = data.count
    var cursor = ByteCursor(data, path: path)
    version = try GGUFFile.version(&cursor)
    let tensorCount = try cursor.count("the number of tensors")
    let keyCount = try cursor.count("the number of keys")
    metadata = try cursor.metadata(count: keyCount)
    alignment = try TensorRules.alignment(of: metadata)
    let entries = try cursor.tensorEntries(count: tensorCount)
    dataOffset = TensorRules.padded(cursor.position, to: alignment) ?? Int.max
    tensors = try GGUFFile.place(entries, from: dataOffset, alignment, byteCount: byteCount, path: path)
    indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  /// The tensor called `name`. Throws ``GGUFError`` of kind `missingTensor`.
  public func tensor(_ name: String) throws(GGUFError) -> TensorInfo {
    if let tensor = find(name) { return tensor }
    throw GGUFError(
      .missingTensor, path: path, subject: .tensor(name),
      found: "\(tensors.count) tensors, none of that name", allowed: "a file that holds it",
      repair: "Convert the model again; the file may be one part of several, or of another architecture.")
  }

  /// The tensor called `name`, or nil if there is none.
  public func find(_ name: String) -> TensorInfo? { indices[name].map { tensors[$0] } }

  /// Calls `body` with the stored bytes of `tensor`, which must be one of this file's ``tensors``.
  public func withBytes<Result, Failure: Error>(
    of tensor: TensorInfo, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    require(find(tensor.name) == tensor, "withBytes: tensor '\(tensor.name)' is not one of \(path)")
    let part = parts[tensor.part]
    return try body(part.bytes.extracting(tensor.offset..<tensor.offset + tensor.byteCount))
  }
}
