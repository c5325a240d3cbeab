import AtomicFiles
import Kernels

/// A GGUF file being written.
typealias OutputFile = AtomicOutput<GGUFError>

extension GGUFError {
  /// The failure of a file being written.
  @Sendable init(_ error: FileError) {
    self.init(
      .cannotWrite, path: error.path, found: error.message, allowed: "a file that can be written", repair: error.repair)
  }
}

/// Where the contents of one tensor go while a file is being written.
///
/// Append floats, which are converted to the tensor's type, or bytes that are already in it; in as many pieces
/// as convenient, in the order of memory (rows one after another).
public struct TensorSink: ~Copyable {
  var file: OutputFile
  private var plan = TensorPlan(name: "", extents: [], type: .f32)
  private var written = 0

  init(_ file: consuming OutputFile) { self.file = file }

  /// What the conversion of the current tensor has lost so far; zero for bytes that were appended as they are.
  public private(set) var loss = EncodingLoss()

  /// Converts and appends `values`, whole blocks of them; with `importance` whole rows.
  ///
  /// - Parameter importance: a weight for each column, by which quantised types choose their scales (see
  ///   ``TensorType/encode(_:columns:importance:into:)``), or empty.
  ///
  /// Throws ``GGUFError`` of kind `notEncodable` if a value has no place in the tensor's type (beyond the largest
  /// half; NaN or infinity in a quantised type), `wrongAmount` if the tensor would become too long, `cannotWrite` if
  /// the disk refuses. Traps if `values` is not a whole number of blocks.
  public mutating func append(_ values: Span<Float>, importance: [Float] = []) throws(GGUFError) {
    let type = plan.type, columns = plan.extents.first ?? 1
    require(
      values.count % type.blockSize == 0,
      "append to '\(plan.name)': \(values.count) values, but \(type) has blocks of \(type.blockSize)")
    let isRows = values.count % columns == 0
    require(
      importance.isEmpty || isRows && importance.count == columns,
      "append to '\(plan.name)': \(importance.count) importances and \(values.count) values for rows of \(columns)")
    try expectRoom(for: values.count / type.blockSize * type.blockBytes)
    if let index = type.firstUnencodable(in: values) {
      throw GGUFError(
        .notEncodable, path: file.path, subject: .tensor(plan.name),
        found: "\(values[index]) as element \(written / type.blockBytes * type.blockSize + index)",
        allowed: "what \(type) can hold", repair: "Write BF16 or F32, and check the weights.")
    }
    // Pieces of about a million values: enough for all threads, and little memory.
    let row = isRows ? columns : type.blockSize, piece = max(1, (1 << 20) / row) * row
    for start in stride(from: 0, to: values.count, by: piece) {
      try convert(values.extracting(start..<min(start + piece, values.count)), row, importance)
    }
  }

  /// Appends bytes that are already in the tensor's type.
  ///
  /// Throws ``GGUFError`` of kind `wrongAmount` if the tensor would become too long, `cannotWrite` if the disk
  /// refuses.
  public mutating func append(bytes: RawSpan) throws(GGUFError) {
    try expectRoom(for: bytes.byteCount)
    try file.append(bytes)
    written += bytes.byteCount
  }

  mutating func begin(_ tensor: TensorPlan) {
    plan = tensor
    written = 0
    loss = EncodingLoss()
  }

  /// Checks that the tensor is complete and pads the file.
  mutating func end(paddingTo alignment: Int) throws(GGUFError) {
    if written != byteCount { throw wrongAmount(written) }
    let padding = [UInt8](repeating: 0, count: (alignment - byteCount % alignment) % alignment)
    try file.append(padding.span)
  }

  private var byteCount: Int { plan.elementCount / plan.type.blockSize * plan.type.blockBytes }

  private mutating func convert(
    _ values: Span<Float>, _ columns: Int, _ importance: [Float]
  ) throws(GGUFError) {
    let count = values.count / plan.type.blockSize * plan.type.blockBytes
    var converted = [UInt8](repeating: 0, count: count)
    var bytes = converted.mutableSpan
    plan.type.encode(values, columns: columns, importance: importance, into: &bytes)
    try file.append(converted.span)
    written += count
    if plan.type != .f32 { loss.add(values, stored: converted, as: plan.type) }
  }

  private func expectRoom(for count: Int) throws(GGUFError) {
    if written + count > byteCount { throw wrongAmount(written + count) }
  }

  private func wrongAmount(_ found: Int) -> GGUFError {
    GGUFError(
      .wrongAmount, path: file.path, subject: .tensor(plan.name), found: "\(found) bytes in \(plan.type)",
      allowed: "\(byteCount), for extents \(plan.extents)", repair: "Supply as many values as were planned.")
  }
}
