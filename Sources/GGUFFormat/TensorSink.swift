import AtomicFiles

/// A GGUF file being written.
typealias OutputFile = AtomicOutput<GGUFError>

extension GGUFError {
  /// The failure of a file being written.
  @Sendable init(_ problem: OutputProblem) {
    self.init(
      .cannotWrite, path: problem.path, position: problem.position, found: problem.found, allowed: problem.allowed,
      repair: problem.repair)
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

  /// Converts and appends `values`, whole blocks of them.
  ///
  /// Throws ``GGUFError`` of kind `notEncodable` if the tensor's type cannot be made from floats or a value has
  /// no place in it (beyond the largest half; NaN or infinity in Q8_0), `wrongAmount` if the tensor would become
  /// too long, `cannotWrite` if the disk refuses. Traps if `values` is not a whole number of blocks.
  public mutating func append(_ values: Span<Float>) throws(GGUFError) {
    let type = plan.type
    precondition(
      values.count % type.blockSize == 0,
      "append to '\(plan.name)': \(values.count) values, but \(type) has blocks of \(type.blockSize)")
    if !type.isEncodable {
      throw GGUFError(
        .notEncodable, path: file.path, subject: .tensor(plan.name), found: "floats for a tensor in \(type)",
        allowed: TensorType.encodableNames, repair: "Choose one of these types.")
    }
    try expectRoom(for: values.count / type.blockSize * type.blockBytes)
    if let index = type.firstUnencodable(in: values) {
      throw GGUFError(
        .notEncodable, path: file.path, subject: .tensor(plan.name),
        found: "\(values[index]) as element \(written / type.blockBytes * type.blockSize + index)",
        allowed: "what \(type) can hold", repair: "Write BF16 or F32, and check the weights.")
    }
    // Pieces of 64 Ki values, so that the converted bytes stay in the cache.
    let piece = 1 << 16
    for start in stride(from: 0, to: values.count, by: piece) {
      try convert(values.extracting(start..<min(start + piece, values.count)))
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
  }

  /// Checks that the tensor is complete and pads the file.
  mutating func end(paddingTo alignment: Int) throws(GGUFError) {
    if written != byteCount { throw wrongAmount(written) }
    let padding = [UInt8](repeating: 0, count: (alignment - byteCount % alignment) % alignment)
    try file.append(padding.span)
  }

  private var byteCount: Int { plan.elementCount / plan.type.blockSize * plan.type.blockBytes }

  private mutating func convert(_ values: Span<Float>) throws(GGUFError) {
    let count = values.count / plan.type.blockSize * plan.type.blockBytes
    var converted = [UInt8](repeating: 0, count: count)
    var bytes = converted.mutableSpan
    plan.type.encode(values, into: &bytes)
    try file.append(converted.span)
    written += count
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
