import Foundation

/// results.jsonl: a line for each measured thing, so that an interrupted evaluation goes on where it stopped.
///
/// One writer at a time.
public final class ResultsLog {
  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }
  public let path: String
  /// What is there, in the order in which it was measured.
  public private(set) var records: [EvaluationRecord]
  private let file: FileHandle
  private var size: UInt64

  /// Losses of a ruined model are no numbers; they are kept as words.
  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }

  /// Opens the file or creates it; a last line whose end was never written is cut off.
  public init(path: String) throws(Problem) {
    self.path = path
    if !FileManager.default.fileExists(atPath: path), !FileManager.default.createFile(atPath: path, contents: nil) {
      throw Problem(description: "\(path): cannot be created; the folder must exist and be writable")
    }
    guard let file = FileHandle(forUpdatingAtPath: path) else {
      throw Problem(description: "\(path): cannot be opened for writing; it must be a file you may write")
    }
    self.file = file
    do {
      (records, size) = try Self.records(in: try file.readToEnd() ?? Data(), path)
      try file.truncate(atOffset: size)
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem(description: "\(path): cannot be read: \(error)")
    }
  }

  /// What a file holds, which is left as it is; a last line whose end is not written yet is passed over.
  public static func records(at path: String) throws(Problem) -> [EvaluationRecord] {
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
      throw Problem(description: "\(path): cannot be read: \(error)")
    }
    return try records(in: bytes, path).records
  }

  /// The records of whole lines, and the bytes of these lines.
  private static func records(
    in bytes: Data, _ path: String
  ) throws(Problem) -> (records: [EvaluationRecord], size: UInt64) {
    let newline = UInt8(ascii: "\n"), whole = bytes.lastIndex(of: newline).map { bytes[...$0] } ?? Data()
    var records: [EvaluationRecord] = []
    let decoder = decoder
    for (number, line) in whole.split(separator: newline).enumerated() {
      do { records.append(try decoder.decode(EvaluationRecord.self, from: Data(line))) } catch {
        throw Problem(
          description: "\(path): line \(number + 1) is not a result (\(error)); remove the line, and it is measured "
            + "again")
      }
    }
    return (records, UInt64(whole.count))
  }

  /// Adds a line; it is with the system when this returns.
  public func append(_ record: EvaluationRecord) throws(Problem) {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      let line = try encoder.encode(record) + Data("\n".utf8)
      try file.write(contentsOf: line)
      size += UInt64(line.count)
      records.append(record)
    } catch {
      try? file.truncate(atOffset: size)
      throw Problem(description: "\(path): a result cannot be written: \(error); free some space and run it again")
    }
  }
}
