public import HDF5Storage
public import TensorCore

/// An open checkpoint whose every byte has been verified.
public struct CheckpointReader: ~Copyable, Sendable {
  public let path: String
  /// Everything but the tensors.
  public let checkpoint: Checkpoint
  private let file: HDF5File

  /// Reads the file through, proves it whole, and opens it.
  ///
  /// Errors: `.incomplete`, `.damaged` (with the damaged dataset), `.notReadable` (no checkpoint), `.mismatch` (a
  /// version this program does not know).
  public init(opening path: String) throws(HDF5Error) {
    _ = try HDF5Seal.verify(path)
    let file = try HDF5File(opening: path, isVerified: true)
    try Self.checkFormat(file)
    let state = try file.attributes(on: CheckpointWriter.stateGroup)
    let position = try Self.position(file)
    var documents: [String: [UInt8]] = [:]
    for child in try file.datasets(below: CheckpointWriter.documentGroup) {
      let name = String(child.path.dropFirst(CheckpointWriter.documentGroup.count + 1))
      documents[name] = try file.dataset(child.path).read(UInt8.self)
    }
    checkpoint = Checkpoint(position: position, state: state, documents: documents)
    self.file = file
    self.path = path
  }

  /// One tensor, read straight into its own memory and checked against its checksum there.
  ///
  /// Errors: `.notFound`, `.damaged`.
  public borrowing func tensor(
    _ role: TensorRole, _ name: String, isParameter: Bool = false
  ) throws(HDF5Error) -> Tensor {
    let place = "\(role.group)/\(name)"
    let dataset = try file.dataset(place)
    try dataset.checkReadable(as: Float.self)
    var buffer = Buffer(zeros: dataset.description.count)
    var span = buffer.mutableSpan
    try dataset.read(into: &span)
    try prove(Checksum(of: span.span), place)
    return Tensor(Shape(dataset.shape), buffer, isParameter: isParameter)
  }

  /// Codes of moments in eight bits, checked likewise.
  ///
  /// Errors: `.notFound`, `.damaged`.
  public borrowing func codes(_ role: CodeRole, _ name: String) throws(HDF5Error) -> [UInt8] {
    let place = "\(role.group)/\(name)"
    let codes = try file.dataset(place).read(UInt8.self)
    try prove(Checksum(of: codes.span), place)
    return codes
  }

  private borrowing func prove(_ found: Checksum, _ place: String) throws(HDF5Error) {
    let expected = try file.attribute(HDF5File.checksumAttribute, on: place)
    guard expected == .string(found.description) else {
      throw HDF5Error(
        kind: .damaged, path: path, object: place, operation: "read the tensor",
        message: "its bytes have the checksum \(found), the file says \(expected)",
        repair: "Use an earlier checkpoint, and check this machine's disk and memory.")
    }
  }

  private static func checkFormat(_ file: borrowing HDF5File) throws(HDF5Error) {
    let found = try file.attributes()
    guard found["format"] == .string(CheckpointWriter.formatName) else {
      throw HDF5Error(
        kind: .mismatch, path: file.path, operation: "open the checkpoint",
        message: "its format is \(found["format"]?.description ?? "not named"), not \(CheckpointWriter.formatName)",
        repair: "Give a file from a run's checkpoints folder.")
    }
    guard found["version"] == .integer(CheckpointWriter.version) else {
      throw HDF5Error(
        kind: .mismatch, path: file.path, operation: "open the checkpoint",
        message: "its version is \(found["version"]?.description ?? "not named"); this program reads version "
          + "\(CheckpointWriter.version)",
        repair: "Use the program version that wrote it (state attribute \(CheckpointKey.programVersion)).")
    }
  }

  private static func position(_ file: borrowing HDF5File) throws(HDF5Error) -> CheckpointPosition {
    let found = try file.attributes(on: CheckpointWriter.positionGroup)
    var numbers: [String: Int] = [:]
    for name in ["stage", "stage_step", "global_step", "tokens_seen", "labelled_tokens_seen"] {
      guard case .integer(let value) = found[name], value >= (name == "stage" ? 1 : 0) else {
        throw HDF5Error(
          kind: .damaged, path: file.path, object: "\(CheckpointWriter.positionGroup) @\(name)",
          operation: "read the position", message: "it is \(found[name]?.description ?? "missing"), not a count",
          repair: "Use an earlier checkpoint.")
      }
      numbers[name] = Int(value)
    }
    guard case .string(let stageName) = found["stage_name"] else {
      throw HDF5Error(
        kind: .damaged, path: file.path, object: "\(CheckpointWriter.positionGroup) @stage_name",
        operation: "read the position", message: "it is missing", repair: "Use an earlier checkpoint.")
    }
    return CheckpointPosition(
      stageIndex: numbers["stage", default: 1] - 1, stageName: stageName,
      stepInStage: numbers["stage_step", default: 0], globalStep: numbers["global_step", default: 0],
      tokensSeen: numbers["tokens_seen", default: 0],
      labelledTokensSeen: numbers["labelled_tokens_seen", default: 0])
  }
}
