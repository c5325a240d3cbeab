import Foundation

extension MetricsLog {
  /// Every whole line of a metrics file, in order; a line that is still being written is left out.
  ///
  /// Throws when the file cannot be read or a whole line in it is not a step record in rising order.
  public static func records(at path: String) throws(MetricsError) -> [StepRecord] {
    try StepLines(path: path).records.map(\.record)
  }

  /// The newest whole line of a metrics file, or nil when it has none or is not there; reads the end of the file only.
  public static func lastRecord(at path: String) throws(MetricsError) -> StepRecord? {
    // 64 KiB: a hundred times the longest line that a recipe's stage name makes likely; a longer one means a full read.
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try lastRecord(at: path, reading: 65_536)
  }

  private static func lastRecord(at path: String, reading length: UInt64) throws(MetricsError) -> StepRecord? {
    let newline = UInt8(ascii: "\n")
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      let size = try file.seekToEnd()
      let start = size > length ? size - length : 0
      try file.seek(toOffset: start)
      let bytes = try file.readToEnd() ?? Data()
      guard let end = bytes.lastIndex(of: newline) else {
        return start == 0 ? nil : try lastRecord(at: path, reading: .max)
      }
      guard let before = bytes[..<end].lastIndex(of: newline) ?? (start == 0 ? bytes.startIndex - 1 : nil) else {
        return try lastRecord(at: path, reading: .max)
      }
      return try StepRecord(jsonLine: bytes[(before + 1)..<end])
    } catch let error as MetricsError {
      throw error
    } catch {
      throw MetricsError(path: path, "its last line cannot be read as the record of a step: \(error)")
    }
  }
}
