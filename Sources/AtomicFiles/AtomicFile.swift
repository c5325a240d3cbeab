// Unsafe: views arrays as bytes.

/// Files that are either there whole or not there: written aside, synced, then renamed.
public enum AtomicFile {
  /// What is added to the name of a file while it is being written.
  public static let partialSuffix = ".partial"

  /// Refuses a path at which nothing can be written, before any work is done for it.
  public static func check(_ path: String) throws(FileError) { _ = try PartialFile(of: path, needing: 0) }

  /// Replaces the file at `path` by what `body` writes to the path it is given.
  ///
  /// `needing` is how many bytes that will be, as far as known. While another process writes the same file, the error
  /// says so (`FileError.isHeld`) and its work is left alone. When anything fails the old file stays, the partial one
  /// is removed, and what `body` threw is thrown again; a full disk always becomes "disk full: needed X, free Y".
  public static func write(to path: String, needing bytes: Int = 0, _ body: (String) throws -> Void) throws {
    var file = try PartialFile(of: path, needing: bytes)
    do {
      try body(file.temporary)
      try file.commit()
    } catch {
      guard (error as? any StorageFailure)?.isDiskFull == true else { throw error }
      throw file.discardFull(needing: bytes)
    }
  }

  /// Replaces the file at `path` by these bytes.
  public static func write(_ content: [UInt8], to path: String) throws(FileError) {
    var file = try PartialFile(of: path, needing: content.count)
    do throws(FileError) {
      try unsafe file.write(content.span.bytes)
      try file.commit()
    } catch {
      throw error.isDiskFull ? file.discardFull(needing: content.count) : error
    }
  }

  /// Replaces the file at `path` by this text.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }
}

/// An error of writing that tells whether space was lacking.
public protocol StorageFailure: Error {
  var isDiskFull: Bool { get }
}
