import Foundation

/// The whole lines of a metrics file, in rising order of steps, and what is left of a line cut off by a killed process.
struct StepLines {
  /// Each record with the byte offset just after its newline.
  private(set) var records: [(record: StepRecord, end: UInt64)] = []
  /// Bytes after the last newline.
  private(set) var tornBytes = 0

  /// Reads the whole file; throws with the line at fault.
  init(path: String) throws(MetricsError) {
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw MetricsError(path: path, "cannot be read: \(error)")
    }
    var start = bytes.startIndex
    while let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = records.count + 1
      let record: StepRecord
      do { record = try StepRecord(jsonLine: bytes[start..<newline]) } catch {
        throw MetricsError(
          path: path, line: line,
          "not the record of a step (\(error)); every line must be one JSON object as `train` wrote it: "
            + "remove the line, or move the file away to begin a new one")
      }
      let previous = records.last?.record.step ?? 0
      guard record.step > previous else {
        throw MetricsError(
          path: path, line: line,
          "step \(record.step) follows step \(previous); steps must rise from line to line, from 1: "
            + "remove the lines that repeat, or move the file away to begin a new one")
      }
      records.append((record, UInt64(newline + 1 - bytes.startIndex)))
      start = newline + 1
    }
    tornBytes = bytes.endIndex - start
  }
}
