// Unsafe: hands bytes to write(2).
#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// write(2), whose name the functions below would hide.
private func writeBytes(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  unsafe write(descriptor, start, count)
}

/// Files that are either there whole or not there: written aside, synced, then renamed.
public enum AtomicFile {
  /// What is added to the name of a file while it is being written.
  public static let partialSuffix = ".partial"

  /// Replaces the file at `path` by what `body` writes to the path it is given.
  ///
  /// `needing` is how many bytes that will be, as far as known. While another process writes the same file, the error
  /// says so (`FileError.isHeld`) and its work is left alone. When anything fails the old file stays, the partial one
  /// is removed, and what `body` threw is thrown again; a full disk always becomes "disk full: needed X, free Y".
  public static func write(to path: String, needing bytes: Int = 0, _ body: (String) throws -> Void) throws {
    let operation = "write the file"
    let folder = FileSystem.folder(of: path)
    let partial = path + partialSuffix
    let holder = try hold(partial, of: path)
    defer { close(holder) }
    if let free = FileSystem.availableBytes(at: folder), free < bytes {
      discard(partial)
      throw FileError.diskFull(path: path, operation: operation, needed: bytes, free: free)
    }
    do {
      try body(partial)
      try sync(partial)
      guard unsafe rename(partial, path) == 0 else { throw FileError.last(path, "rename the finished file") }
    } catch {
      let written = FileSystem.byteCount(of: partial) ?? 0
      discard(partial)
      guard isDiskFull(error) else { throw error }
      let free = FileSystem.availableBytes(at: folder) ?? 0
      throw FileError.diskFull(path: path, operation: operation, needed: max(bytes, written, free + 1), free: free)
    }
    try sync(folder)
  }

  /// Replaces the file at `path` by these bytes.
  public static func write(_ content: [UInt8], to path: String) throws {
    try write(to: path, needing: content.count) { partial in
      let descriptor = unsafe open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw FileError.last(path, "create the file") }
      defer { close(descriptor) }
      try writeAll(content, to: descriptor, path)
    }
  }

  /// Replaces the file at `path` by this text.
  public static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// Makes the partial file, empty, and locks it for as long as the descriptor is open; what a process that has ended
  /// left there is taken over.
  private static func hold(_ partial: String, of path: String) throws(FileError) -> Int32 {
    let descriptor = unsafe open(partial, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError.last(path, "create the file") }
    var (held, named) = (stat(), stat())
    let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
    let isRefused = !isLocked && errno == EWOULDBLOCK
    // Between the two calls the other process may have finished and renamed or removed the file.
    let isStill =
      unsafe fstat(descriptor, &held) == 0 && stat(partial, &named) == 0 && held.st_ino == named.st_ino
      && held.st_dev == named.st_dev
    guard isStill, !isRefused else {
      close(descriptor)
      throw FileError(
        path: path, operation: "write the file", code: EWOULDBLOCK, message: "another process is writing it",
        repair: "Wait until it has ended.")
    }
    // A file system without locks is used without them.
    guard ftruncate(descriptor, 0) == 0 else {
      defer { close(descriptor) }
      throw FileError.last(path, "create the file")
    }
    return descriptor
  }

  /// Removes a file, giving its space back even while a library still holds it open.
  static func discard(_ path: String) {
    _ = unsafe truncate(path, 0)
    _ = unsafe unlink(path)
  }

  /// Waits until a file or folder is on the disk.
  static func sync(_ path: String) throws(FileError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.last(path, "open it to sync") }
    defer { close(descriptor) }
    // Some file systems cannot sync a folder and say so with EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError.last(path, "sync it to the disk") }
  }

  static func writeAll(_ content: [UInt8], to descriptor: Int32, _ path: String) throws(FileError) {
    var start = 0
    while start < content.count {
      let count = unsafe content.withUnsafeBytes { buffer in
        unsafe writeBytes(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
      }
      guard count >= 0 || errno == EINTR else { throw FileError.last(path, "write the file") }
      start += max(count, 0)
    }
  }

  private static func isDiskFull(_ error: any Error) -> Bool {
    switch error {
    case let error as HDF5Error: error.kind == .diskFull
    case let error as FileError: error.isDiskFull
    default: false
    }
  }
}
