import AtomicFiles
import Foundation

/// results.jsonl: a line for each measured thing, so that an interrupted evaluation goes on where it stopped.
///
/// One writer at a time: the file is locked until the log's life ends.
public final class ResultsLog {
  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }
  public let path: String
  /// What is there, in the order in which it was measured.
  public private(set) var records: [EvaluationRecord]
  private let file: FileHandle
  private var size: UInt64

  /// Opens the file or creates it; a last line whose end was never written is cut off.
  public init(path: String) throws(Problem) {
    self.path = path
    if !FileManager.default.fileExists(atPath: path), !FileManager.default.createFile(atPath: path, contents: nil) {
      throw Problem(description: "\(path): cannot be created; the folder must exist and be writable")
    }
    // A pipe would be waited for, a device read without end.
    guard FileSystem.byteCount(of: path) != nil, let file = FileHandle(forUpdatingAtPath: path) else {
      throw Problem(description: "\(path): cannot be opened for writing; it must be a file you may write")
    }
    // A file system without locks is used without them.
    if flock(file.fileDescriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      throw Problem(
        description: "\(path): another process is writing its results there; wait until it has ended, or use another "
          + "folder")
    }
    self.file = file
    do {
      (records, size) = try Self.records(in: try file.readToEnd() ?? Data(), path)
      try file.truncate(atOffset: size)
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem(description: "\(path): cannot be read: \(FileError.reason(of: error))")
    }
  }

  /// What a file holds, which is left as it is; a last line whose end is not written yet is passed over.
  public static func records(at path: String) throws(Problem) -> [EvaluationRecord] {
    guard FileSystem.byteCount(of: path) != nil else {
      throw Problem(description: "\(path): cannot be read; it must be a file you may read")
    }
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
      throw Problem(description: "\(path): cannot be read: \(FileError.reason(of: error))")
    }
    return try records(in: bytes, path).records
  }

  /// The records of whole lines, each test of a model once, and the bytes of these lines.
  private static func records(
    in bytes: Data, _ path: String
  ) throws(Problem) -> (records: [EvaluationRecord], size: UInt64) {
    let newline = UInt8(ascii: "\n"), whole = bytes.lastIndex(of: newline).map { bytes[...$0] } ?? Data()
    struct Test: Hashable {
      var model: String, coordinates: TestCoordinates
    }
    var records: [EvaluationRecord] = [], known: Set<Test> = []
    for (number, line) in whole.split(separator: newline, omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty {
      func problem(_ found: String) -> Problem {
        Problem(
          description:
            "\(path): line \(number + 1) is not a result: \(found); remove the line, and it is measured again"
        )
      }
      let record: EvaluationRecord
      do { record = try ResultsJSON.decode(EvaluationRecord.self, from: Data(line)) } catch {
        throw problem("found something else than such an object (\(error))")
      }
      if let fault = record.fault { throw problem(fault) }
      if known.insert(Test(model: record.model, coordinates: record.coordinates)).inserted { records.append(record) }
    }
    return (records, UInt64(whole.count))
  }

  /// Adds a line; it is with the system when this returns.
  public func append(_ record: EvaluationRecord) throws(Problem) {
    do {
      let line = try ResultsJSON.encode(record) + Data("\n".utf8)
      try file.write(contentsOf: line)
      size += UInt64(line.count)
      records.append(record)
    } catch {
      try? file.truncate(atOffset: size)
      throw Problem(
        description:
          "\(path): a result cannot be written: \(FileError.reason(of: error)); free some space and run it again")
    }
  }
}
