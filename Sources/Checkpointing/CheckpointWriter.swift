import AtomicFiles
import HDF5Storage
import TensorCore

/// Writes checkpoints, one tensor after the other, without a copy of the model in memory.
enum CheckpointWriter {
  static let formatName = "extend-checkpoint"
  static let version: Int64 = 1
  static let positionGroup = "position"
  static let stateGroup = "state"
  static let documentGroup = "documents"

  /// Writes a checkpoint to `path`: aside, sealed, read back and verified, synced, then renamed.
  ///
  /// Errors: `FileError` ("disk full: needed X, free Y"), `HDF5Error`. An older file of that name stays until the new
  /// one is in place.
  static func write(
    _ checkpoint: Checkpoint, tensors: [CheckpointTensor], codes: [CheckpointCodes] = [], to path: String
  ) throws {
    try AtomicFile.write(to: path, needing: byteCount(checkpoint, tensors: tensors, codes: codes)) { partial in
      try writeFile(checkpoint, tensors: tensors, codes: codes, to: partial)
      _ = try HDF5Seal.verify(partial)
    }
  }

  /// The bytes the file will take, a little more rather than less: for the disk-space check.
  static func byteCount(
    _ checkpoint: Checkpoint, tensors: [CheckpointTensor], codes: [CheckpointCodes] = []
  ) -> Int {
    let numbers =
      tensors.reduce(0) { $0 + $1.tensor.shape.count * MemoryLayout<Float>.stride }
      + codes.reduce(0) { $0 + $1.codes.count }
    let documents = checkpoint.documents.values.reduce(0) { $0 + $1.count }
    // HDF5's header of a dataset with its attributes and its line in the manifest take about 1 kB.
    let objects = tensors.count + codes.count + checkpoint.documents.count + checkpoint.state.count
    return numbers + documents + 2048 * objects + 65_536
  }

  private static func writeFile(
    _ checkpoint: Checkpoint, tensors: [CheckpointTensor], codes: [CheckpointCodes], to path: String
  ) throws(HDF5Error) {
    let file = try HDF5File(creating: path, sealable: true)
    try file.setAttribute("format", .string(formatName))
    try file.setAttribute("version", .integer(version))
    try file.createGroup(positionGroup)
    for (name, value) in attributes(of: checkpoint.position) {
      try file.setAttribute(name, value, on: positionGroup)
    }
    try file.createGroup(stateGroup)
    for (name, value) in checkpoint.state.sorted(by: { $0.key < $1.key }) {
      try file.setAttribute(name, value, on: stateGroup)
    }
    try file.createGroup(documentGroup)
    for (name, content) in checkpoint.documents.sorted(by: { $0.key < $1.key }) {
      let place = "\(documentGroup)/\(name)"
      try checkName(name, path)
      try file.write(content.span, shape: [content.count], to: place)
      try file.setAttribute("description", .string("document of the run, byte for byte"), on: place)
      try file.setAttribute("axes", .string("byte"), on: place)
    }
    for tensor in tensors {
      try checkName(tensor.name, path)
      try file.write(tensor.tensor.span, shape: tensor.tensor.shape.extents, to: tensor.path)
      try file.setAttribute("description", .string(tensor.role.meaning), on: tensor.path)
      try file.setAttribute("axes", .string(tensor.axes.joined(separator: ", ")), on: tensor.path)
      try file.setAttribute("unit", .string(tensor.role.unit), on: tensor.path)
    }
    for codes in codes {
      try checkName(codes.name, path)
      try file.write(codes.codes.span, shape: [codes.codes.count], to: codes.path)
      try file.setAttribute("description", .string(codes.role.meaning), on: codes.path)
      try file.setAttribute("axes", .string("value"), on: codes.path)
    }
    try file.closeSealed(notes: [
      "stage": "\(checkpoint.position.stageIndex + 1)", "stage_name": checkpoint.position.stageName,
      "stage_step": "\(checkpoint.position.stepInStage)", "global_step": "\(checkpoint.position.globalStep)",
    ])
  }

  /// The position as attributes, in the order of the format's description.
  private static func attributes(of position: CheckpointPosition) -> [(String, HDF5Attribute)] {
    [
      ("stage", .integer(Int64(position.stageIndex) + 1)), ("stage_name", .string(position.stageName)),
      ("stage_step", .integer(Int64(position.stepInStage))), ("global_step", .integer(Int64(position.globalStep))),
      ("tokens_seen", .integer(Int64(position.tokensSeen))),
      ("labelled_tokens_seen", .integer(Int64(position.labelledTokensSeen))),
    ]
  }

  /// Refuses names that HDF5 would read as another path.
  private static func checkName(_ name: String, _ path: String) throws(HDF5Error) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0.utf8.contains(0) }) else {
      throw HDF5Error(
        kind: .notStorable, path: path, object: name, operation: "name a dataset",
        message: "\(name.debugDescription) has an empty or dotted part",
        repair: "Use a name such as \"layers/0/query\".")
    }
  }
}
