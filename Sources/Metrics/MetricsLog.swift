import Foundation

/// The file `metrics.jsonl` of a run: one JSON line for each step, without a gap or a repeat, across any interruptions.
///
/// Each line is with the system when ``append(_:)`` returns, so that a killed process loses none; call ``synchronize()``
/// before a checkpoint is written, so that after a power failure too the file holds every step of the checkpoint.
/// One writer at a time; any number of readers (``records(at:)``, ``lastRecord(at:)``).
public struct MetricsLog: ~Copyable {
  /// The file.
  public let path: String
  /// What ``init(path:resumingAfter:)`` found and did.
  public let resumption: Resumption
  /// The step of the last line, or 0 before the first.
  public private(set) var lastStep: Int
  private let file: FileHandle
  private var size: UInt64

  /// What resuming did to the lines that were there.
  public struct Resumption: Equatable, Sendable {
    /// Lines kept: those up to the checkpoint's step.
    public var kept = 0
    /// Lines removed: those of steps that will be done again.
    public var removed = 0
    /// Bytes removed of a last line whose end was never written.
    public var tornBytes = 0
    /// Steps up to the checkpoint's that the file does not hold, because it was lost or replaced.
    public var missing = 0
  }

  /// Opens the file, creates it if absent, and cuts it back to the lines of steps up to `checkpointStep` (0: a new run).
  ///
  /// The cut is a single truncation, so that a process killed at any moment leaves a file from which the same call starts
  /// again. Throws when the file cannot be opened or a whole line in it is not a step record in rising order.
  public init(path: String, resumingAfter checkpointStep: Int) throws(MetricsError) {
    precondition(checkpointStep >= 0, "MetricsLog: resumingAfter must be 0 or a step, got \(checkpointStep)")
    if !FileManager.default.fileExists(atPath: path), !FileManager.default.createFile(atPath: path, contents: nil) {
      throw MetricsError(path: path, "cannot be created; the folder must exist and be writable")
    }
    guard let file = FileHandle(forUpdatingAtPath: path) else {
      throw MetricsError(path: path, "cannot be opened for reading and writing; it must be a file you may write")
    }
    let lines = try StepLines(path: path)
    let kept = lines.records.prefix { $0.record.step <= checkpointStep }
    let size = kept.last?.end ?? 0
    do {
      try file.truncate(atOffset: size)
      try file.synchronize()
    } catch {
      throw MetricsError(path: path, "cannot be cut back to step \(checkpointStep): \(error)")
    }
    self.path = path
    self.file = file
    self.size = size
    lastStep = checkpointStep
    resumption = Resumption(
      kept: kept.count, removed: lines.records.count - kept.count, tornBytes: lines.tornBytes,
      missing: checkpointStep - kept.count)
  }

  /// Adds the line of the next step.
  ///
  /// Throws when the line cannot be written whole (a full disk); the file then ends with the line before.
  public mutating func append(_ record: StepRecord) throws(MetricsError) {
    precondition(
      record.step == lastStep + 1,
      "MetricsLog.append: steps must follow each other; after \(lastStep) came \(record.step)")
    do {
      let line = try record.jsonLine()
      try file.write(contentsOf: line)
      size += UInt64(line.count)
      lastStep = record.step
    } catch {
      try? file.truncate(atOffset: size)
      throw MetricsError(path: path, "the line of step \(record.step) cannot be written: \(error)")
    }
  }

  /// Waits until the disk holds every line.
  public borrowing func synchronize() throws(MetricsError) {
    do { try file.synchronize() } catch { throw MetricsError(path: path, "cannot be written to disk: \(error)") }
  }
}
