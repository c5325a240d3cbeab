public import Foundation
import SwiftProtobuf

/// Scalars of a run in event files that TensorBoard's own reader reads.
///
/// Each process of a run writes a file of its own, which first says at which step it goes on; TensorBoard then drops what
/// earlier files say of that step and later ones. Each event is with the system when a method
/// returns.
public struct TensorBoardLog: ~Copyable {
  /// A named value of one step; slashes in the tag make groups in TensorBoard.
  public struct Scalar: Equatable, Sendable {
    /// What it is, for example `train/loss`.
    public var tag: String
    /// Its value, which TensorBoard keeps in single precision.
    public var value: Double

    /// Names a value.
    public init(_ tag: String, _ value: Double) {
      self.tag = tag
      self.value = value
    }
  }

  /// The event file of this process.
  public let path: String
  private let file: FileHandle

  /// Begins a new event file in `folder`, which is made if absent, for a run whose checkpoint is at `checkpointStep`
  /// (0: a new run).
  ///
  /// - Parameter time: The present; it becomes part of the file's name, moved forward where needed so that the names of a
  ///   folder's files sort in the order of their writing, which is the order in which TensorBoard reads them.
  /// - Throws: When the folder or the file cannot be made or written.
  public init(folder: String, resumingAfter checkpointStep: Int, at time: Date) throws(MetricsError) {
    precondition(checkpointStep >= 0, "TensorBoardLog: resumingAfter must be 0 or a step, got \(checkpointStep)")
    let earlier: [String]
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      earlier = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch { throw MetricsError(path: folder, "the folder for TensorBoard's files cannot be made or read: \(error)") }
    let path = folder + "/" + Self.fileName(at: time, after: earlier)
    guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
    else { throw MetricsError(path: path, "cannot be created; its folder must be writable") }
    try Self.write(.fileVersion("brain.Event:2"), step: 0, at: time, to: file, path)
    try Self.write(.sessionLog(.with { $0.status = .start }), step: checkpointStep + 1, at: time, to: file, path)
    self.path = path
    self.file = file
  }

  /// Adds loss, learning rate, gradient norm and throughput of one step.
  public borrowing func append(_ record: StepRecord) throws(MetricsError) {
    try append(
      [
        Scalar("train/loss", record.loss),
        Scalar("train/learning_rate", record.learningRate),
        Scalar("train/gradient_norm", record.gradientNorm),
        Scalar("train/tokens_per_second", record.tokensPerSecond),
      ], step: record.step, at: record.time)
  }

  /// Adds any values of one step.
  public borrowing func append(_ scalars: [Scalar], step: Int, at time: Date) throws(MetricsError) {
    let values = scalars.map { scalar in
      TensorBoardSummary.Value.with {
        $0.tag = scalar.tag
        $0.simpleValue = Float(scalar.value)
      }
    }
    try Self.write(.summary(.with { $0.value = values }), step: step, at: time, to: file, path)
  }

  private static func write(
    _ what: TensorBoardEvent.OneOf_What, step: Int, at time: Date, to file: FileHandle, _ path: String
  ) throws(MetricsError) {
    let event = TensorBoardEvent.with {
      $0.wallTime = time.timeIntervalSince1970
      $0.step = Int64(step)
      $0.what = what
    }
    do {
      let start = try file.offset()
      do { try file.write(contentsOf: TFRecord.frame(event.serializedBytes())) } catch {
        try? file.truncate(atOffset: start)
        throw error
      }
    } catch {
      throw MetricsError(path: path, "the event of step \(step) cannot be written: \(error)")
    }
  }

  /// A name that sorts after those of `earlier` event files; TensorBoard knows an event file by `tfevents` in its name.
  static func fileName(at time: Date, after earlier: [String]) -> String {
    let prefix = "events.out.tfevents."
    let last = earlier.compactMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count).prefix(10)) : nil }.max()
    let seconds = max(Int(time.timeIntervalSince1970), (last ?? 0) + 1)
    return prefix + String(repeating: "0", count: max(0, 10 - String(seconds).count)) + "\(seconds).extend"
  }
}
