import Foundation
public import AtomicFiles
import HDF5Storage

/// The checkpoints of one run. Only the holder of the run's lock may call `write` and `recover`.
public struct CheckpointFolder: Sendable, Equatable {
  public let path: String
  /// How many of the newest checkpoints stay; the last of each earlier stage stays besides.
  public let keep: Int

  /// Describes a folder; it is made when the first checkpoint is written.
  public init(_ path: String, keep: Int) {
    precondition(keep >= 1, "CheckpointFolder: must keep at least 1 checkpoint, got \(keep)")
    self.path = path
    self.keep = keep
  }

  /// The path of a checkpoint of this folder.
  public func path(of name: CheckpointName) -> String { "\(path)/\(name)" }

  /// The checkpoints that are there, oldest first, by name only; none when there is no folder.
  public func names() throws(FileError) -> [CheckpointName] {
    try fileNames().compactMap { CheckpointName($0) }.sorted()
  }

  /// Writes a checkpoint, then removes those no longer needed; returns its path and what could not be removed.
  ///
  /// Errors: `FileError` ("disk full: needed X, free Y"), `HDF5Error`. On any error all earlier checkpoints stay.
  @discardableResult
  public func write(
    _ checkpoint: Checkpoint, tensors: [CheckpointTensor], codes: [CheckpointCodes] = [],
    warn: (String) -> Void = { _ in }
  ) throws -> String {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(
        path: path, operation: "create the folder", message: FileError.reason(of: error),
        repair: "Check who owns the folder above it and whether it may be written.")
    }
    let name = CheckpointName(
      stageIndex: checkpoint.position.stageIndex, stepInStage: checkpoint.position.stepInStage)
    try CheckpointWriter.write(checkpoint, tensors: tensors, codes: codes, to: path(of: name))
    for old in Self.superfluous(try names(), after: name, keep: keep) {
      do { try FileManager.default.removeItem(atPath: path(of: old)) } catch {
        warn("\(path(of: old)): this old checkpoint could not be removed: \(error)")
      }
    }
    return path(of: name)
  }

  /// Opens the newest whole checkpoint and changes nothing in the folder, so that a run may go on in it meanwhile; nil
  /// when there is none.
  ///
  /// A damaged one is told through `warn` and passed over. Errors: as those of `recover`.
  public func newest(warn: (String) -> Void) throws -> CheckpointReader? {
    try newestWhole { _, error in warn("\(error) The checkpoint before it is taken.") }
  }

  /// Opens the newest whole checkpoint to go on from it, and clears up; nil when there is none.
  ///
  /// A damaged one is renamed to `….damaged`, never deleted, told through `warn`, and the one before is tried. What a
  /// stopped process left half written is removed. Errors: `HDF5Error` for a checkpoint that cannot be read for
  /// another reason than damage (permission, version); then nothing is renamed.
  public func recover(warn: (String) -> Void) throws -> CheckpointReader? {
    try removePartials(warn: warn)
    return try newestWhole { name, error in
      warn("\(error) It is kept as \(try setAside(name)); the checkpoint before it is tried.")
    }
  }

  private func newestWhole(
    passingOver damaged: (CheckpointName, HDF5Error) throws -> Void
  ) throws -> CheckpointReader? {
    for name in try names().reversed() {
      do throws(HDF5Error) {
        return try CheckpointReader(opening: path(of: name))
      } catch {
        switch error.kind {
        case .damaged, .incomplete, .notReadable: try damaged(name, error)
        case .notFound where !FileManager.default.fileExists(atPath: path(of: name)):
          // The run that goes on here has removed it, after it wrote a newer one.
          return try newestWhole(passingOver: damaged)
        case .notFound, .mismatch, .diskFull, .notStorable, .refused: throw error
        }
      }
    }
    return nil
  }

  /// The checkpoints that may go once `written` is safely in place: neither among the newest `keep`, nor the last of
  /// an earlier stage, nor the one just written.
  static func superfluous(_ names: [CheckpointName], after written: CheckpointName, keep: Int) -> [CheckpointName] {
    var needed = Set(names.sorted().suffix(keep))
    needed.insert(written)
    for stage in Set(names.map(\.stageIndex)) {
      if let last = names.filter({ $0.stageIndex == stage }).max() { needed.insert(last) }
    }
    return names.filter { !needed.contains($0) }
  }

  private func removePartials(warn: (String) -> Void) throws(FileError) {
    for file in try fileNames() where file.hasSuffix(AtomicFile.partialSuffix) {
      let whole = String(file.dropLast(AtomicFile.partialSuffix.count))
      guard CheckpointName(whole) != nil else { continue }
      do { try FileManager.default.removeItem(atPath: "\(path)/\(file)") } catch {
        warn("\(path)/\(file): this unfinished checkpoint could not be removed: \(error)")
      }
    }
  }

  /// Renames a damaged checkpoint and returns its new name.
  private func setAside(_ name: CheckpointName) throws(FileError) -> String {
    let taken = Set(try fileNames())
    var aside = "\(name).damaged"
    var number = 2
    while taken.contains(aside) {
      aside = "\(name).damaged-\(number)"
      number += 1
    }
    do {
      try FileManager.default.moveItem(atPath: path(of: name), toPath: "\(path)/\(aside)")
    } catch {
      throw FileError(
        path: path(of: name), operation: "rename the damaged checkpoint", message: FileError.reason(of: error),
        repair: "Check who owns the folder and whether it may be written.")
    }
    return aside
  }

  private func fileNames() throws(FileError) -> [String] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    do { return try FileManager.default.contentsOfDirectory(atPath: path) } catch {
      throw FileError(
        path: path, operation: "list the checkpoints", message: FileError.reason(of: error),
        repair: "Check that it is a folder that may be read.")
    }
  }
}
