import Foundation
public import AtomicFiles

/// The folder of one run: what lies where.
public struct RunFolder: Sendable, Equatable {
  public let path: String

  /// Names the places of a run without touching the disk.
  public init(_ path: String) { self.path = path }

  /// The effective recipe, every default written out.
  public var recipePath: String { "\(path)/recipe.yaml" }
  /// `stage02-step000120.h5` and others.
  var checkpointsPath: String { "\(path)/checkpoints" }
  /// One JSON line for each step.
  public var metricsPath: String { "\(path)/metrics.jsonl" }
  /// One JSON line for each measurement.
  public var evaluationPath: String { "\(path)/evaluation.jsonl" }
  /// One JSON line for each answer or loss that gates asked for.
  public var gatesPath: String { "\(path)/gates.jsonl" }
  /// TensorBoard's event files.
  public var tensorBoardPath: String { "\(path)/tensorboard" }
  /// Exports.
  public var modelPath: String { "\(path)/model" }
  /// Who is running here.
  var lockPath: String { "\(path)/lock" }

  public func checkpoints(keep: Int) -> CheckpointFolder { CheckpointFolder(checkpointsPath, keep: keep) }

  /// The process that runs here now; nil when none does. Takes no lock.
  public var holder: RunLock.Holder? { RunLock.holder(of: lockPath) }

  /// Whether a run was begun here.
  public var isBegun: Bool {
    let files = FileManager.default
    let checkpoints = (try? checkpoints(keep: 1).names()) ?? []
    return files.fileExists(atPath: recipePath) || files.fileExists(atPath: metricsPath) || !checkpoints.isEmpty
  }

  /// Begins a new run: makes the folders, takes the lock, writes the recipe.
  ///
  /// Errors: a run was begun here before ("use extend resume"), another process runs here, the disk.
  public static func start(at path: String, recipe: String) throws -> LockedRun {
    let folder = RunFolder(path)
    try folder.makeFolders([path])
    let lock = try RunLock(acquiring: folder.lockPath)
    guard !folder.isBegun else {
      throw FileError(
        path: path, operation: "start a new run", message: "this folder already has one",
        repair: "Continue it with: extend resume \(path), or choose another folder with --output.")
    }
    try folder.makeFolders([folder.checkpointsPath, folder.tensorBoardPath, folder.modelPath])
    try AtomicFile.write(recipe, to: folder.recipePath)
    return LockedRun(folder: folder, lock: lock)
  }

  /// Takes up a run that was begun before; its recipe is in `recipe()`.
  ///
  /// Errors: no run was begun here, another process runs here.
  public static func resume(at path: String) throws -> LockedRun {
    let folder = RunFolder(path)
    guard FileManager.default.fileExists(atPath: folder.recipePath) else {
      throw FileError(
        path: path, operation: "resume the run", message: "there is no recipe.yaml in this folder",
        repair: "Give the folder of a run, or start one with: extend train --recipe … --output \(path)")
    }
    let lock = try RunLock(acquiring: folder.lockPath)
    try folder.makeFolders([folder.checkpointsPath, folder.tensorBoardPath, folder.modelPath])
    return LockedRun(folder: folder, lock: lock)
  }

  /// The effective recipe's text.
  public func recipe() throws(FileError) -> String {
    do { return try String(contentsOfFile: recipePath, encoding: .utf8) } catch {
      throw FileError(
        path: recipePath, operation: "read the recipe", message: FileError.reason(of: error),
        repair: "Check that the file is UTF-8 text.")
    }
  }

  private func makeFolders(_ paths: [String]) throws(FileError) {
    for path in paths {
      do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      } catch {
        throw FileError(
          path: path, operation: "create the folder", message: FileError.reason(of: error),
          repair: "Check that no file has this name and that the folder above it may be written.")
      }
    }
  }
}

/// A run folder together with the right to change it.
public struct LockedRun: ~Copyable, Sendable {
  public let folder: RunFolder
  let lock: RunLock

  /// Takes back a run that failed before its first step, so that another may begin in its folder; one that has trained
  /// or measured anything stays, to be resumed.
  public borrowing func abandon() {
    let hasResults = [folder.metricsPath, folder.evaluationPath].contains { FileSystem.byteCount(of: $0) ?? 0 > 0 }
    guard !hasResults, (try? folder.checkpoints(keep: 1).names())?.isEmpty == true else { return }
    let files = FileManager.default
    for path in [folder.recipePath, folder.metricsPath] { try? files.removeItem(atPath: path) }
    for path in [folder.checkpointsPath, folder.tensorBoardPath, folder.modelPath]
    where (try? files.contentsOfDirectory(atPath: path))?.isEmpty == true {
      try? files.removeItem(atPath: path)
    }
  }
}
