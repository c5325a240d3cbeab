import Kernels
import AtomicFiles

/// Writes a GGUF file (version 3), one tensor at a time, under a temporary name that becomes the file's name
/// only when everything is safely on the disk.
///
/// The file's exact size is known before a byte is written. The model is never held: the caller supplies each
/// tensor when its turn comes, in pieces of any size.
public struct GGUFWriter: Sendable {
  public let metadata: Metadata
  public let tensors: [TensorPlan]
  /// Bytes of the finished file.
  public let byteCount: Int
  let alignment: Int
  /// The file up to its tensors' data; with no tensors planned, a whole file that holds metadata alone.
  public let header: [UInt8]

  /// Checks metadata and plans by the rules of readers: keys of 1 to 65535 bytes; names of 1 to 63 bytes, each
  /// once; 1 to 4 extents; rows of whole blocks. `general.alignment` (u32), if given, is obeyed.
  ///
  /// Throws ``GGUFError``.
  public init(metadata: Metadata, tensors: [TensorPlan]) throws(GGUFError) {
    self.metadata = metadata
    self.tensors = tensors
    alignment = try TensorRules.alignment(of: metadata)
    try GGUFWriter.check(metadata)
    let sizes = try GGUFWriter.sizes(of: tensors)
    var header = HeaderBytes()
    header.append(UInt32(0x4655_4747))
    header.append(UInt32(3))
    header.append(UInt64(tensors.count))
    header.append(UInt64(metadata.entries.count))
    for entry in metadata.entries {
      header.append(entry.key)
      header.append(entry.value.type.rawValue)
      header.append(entry.value)
    }
    var offset = 0
    for (tensor, size) in zip(tensors, sizes) {
      header.append(tensor.name)
      header.append(UInt32(tensor.extents.count))
      for extent in tensor.extents { header.append(UInt64(extent)) }
      header.append(tensor.type.rawValue)
      header.append(UInt64(offset))
      offset = try GGUFWriter.end(of: tensor, size, from: offset, alignment)
    }
    header.pad(to: alignment)
    let (total, overflow) = header.bytes.count.addingReportingOverflow(offset)
    if overflow, let last = tensors.last { throw GGUFWriter.tooLarge(last) }
    self.header = header.bytes
    byteCount = total
  }

  /// Writes the file to `path`, replacing a file of that name in one step at the very end.
  ///
  /// `supply` is called once for every plan, in order, and appends that tensor's values or bytes to the sink.
  /// Throws ``GGUFError`` when the disk is full or cannot be written, when values do not fit the tensor's type,
  /// or when too few or too many were supplied; and whatever `supply` throws. In all these cases the temporary
  /// file is removed and a file that was at `path` before is untouched.
  ///
  /// - Parameter inspect: sees the whole file under its temporary name, before it takes its own; throws to prevent it.
  public func write(
    to path: String, inspect: (_ temporary: String) throws -> Void = { _ in },
    supply: (TensorPlan, inout TensorSink) throws -> Void
  ) throws {
    try write(
      OutputFile(replacing: path, byteCount: byteCount, failing: GGUFError.init), inspect: inspect, supply: supply)
  }

  func write(
    _ file: consuming OutputFile, inspect: (_ temporary: String) throws -> Void = { _ in },
    supply: (TensorPlan, inout TensorSink) throws -> Void
  ) throws {
    try file.append(header.span)
    var sink = TensorSink(file)
    for tensor in tensors {
      sink.begin(tensor)
      try supply(tensor, &sink)
      try sink.end(paddingTo: alignment)
    }
    try inspect(try sink.file.complete())
    try sink.file.commit()
  }
}
