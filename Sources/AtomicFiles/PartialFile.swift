// Unsafe: calls POSIX, which takes C strings and addresses.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// write(2), whose name the methods below would hide.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  unsafe write(descriptor, bytes.baseAddress, bytes.count)
}

/// The temporary file beside a path while it is being written; it takes that name only in ``commit()``, and is removed
/// without it.
struct PartialFile: ~Copyable {
  /// The name it is to have.
  let path: String
  /// The name it has until then.
  let temporary: String
  private let descriptor: Int32
  /// Whether the temporary file is there and ours to remove.
  private var isOurs: Bool

  /// Makes the file, empty, and locks it, if the disk has `bytes` left. What a process that has ended left there is taken
  /// over; while another one writes it, the error says so (`FileError.isHeld`).
  init(of path: String, needing bytes: Int) throws(FileError) {
    try Self.refuseOthers(path)
    let temporary = path + AtomicFile.partialSuffix, descriptor = try Self.held(temporary, of: path)
    if let free = FileSystem.availableBytes(at: FileSystem.folder(of: path)), free < bytes {
      Self.remove(temporary)
      close(descriptor)
      throw FileError.diskFull(path: path, operation: Self.writing, needed: bytes, free: free)
    }
    (self.path, self.temporary, self.descriptor, isOurs) = (path, temporary, descriptor, true)
  }

  /// A file that exists already and is neither replaced nor removed, such as a device; for tests of failing disks.
  init(existing path: String) throws(FileError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.last(path, "open the file") }
    (self.path, temporary, self.descriptor, isOurs) = (path, path, descriptor, false)
  }

  deinit {
    if isOurs { Self.remove(temporary) }
    close(descriptor)
  }

  /// Appends bytes.
  func write(_ bytes: RawSpan) throws(FileError) {
    var done = 0
    while done < bytes.byteCount {
      let rest = bytes.extracting(done..<bytes.byteCount)
      let count = unsafe rest.withUnsafeBytes { unsafe writeBytes(descriptor, $0) }
      guard count >= 0 || errno == EINTR else { throw FileError.last(path, Self.writing) }
      done += max(count, 0)
    }
  }

  /// Everything to the disk, then the temporary name becomes the file's, and that to the disk.
  mutating func commit() throws(FileError) {
    try FileSystem.sync(descriptor, path)
    guard unsafe rename(temporary, path) == 0 else { throw FileError.last(path, "rename the finished file") }
    isOurs = false
    try FileSystem.sync(folderOf: path)
  }

  /// Removes the file after the disk was found full.
  ///
  /// - Parameter bytes: how many were to be written, as far as known.
  /// - Returns: what to throw.
  mutating func discardFull(needing bytes: Int) -> FileError {
    let written = FileSystem.byteCount(of: temporary) ?? 0
    Self.remove(temporary)
    isOurs = false
    let free = FileSystem.availableBytes(at: FileSystem.folder(of: path)) ?? 0
    return FileError.diskFull(
      path: path, operation: Self.writing, needed: max(bytes, written, free + 1), free: free)
  }

  private static var writing: String { "write the file" }

  /// Removes a file, giving its space back even while a library still holds it open.
  private static func remove(_ path: String) {
    _ = unsafe truncate(path, 0)
    _ = unsafe unlink(path)
  }

  /// A file may be replaced; a folder, a device or a pipe may not.
  private static func refuseOthers(_ path: String) throws(FileError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    throw FileError(
      path: path, operation: writing, code: isFolder ? EISDIR : EINVAL,
      message: isFolder ? "it is a folder" : "it is a device or a pipe", repair: "Name a file.")
  }

  /// The partial file, empty and locked for as long as the descriptor is open.
  private static func held(_ partial: String, of path: String) throws(FileError) -> Int32 {
    let descriptor = unsafe open(partial, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError.last(path, "create the file") }
    var (held, named) = (stat(), stat())
    // A file system without locks is used without them.
    let isRefused = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    // Between the two calls the other process may have finished and renamed or removed the file.
    let isStill =
      unsafe fstat(descriptor, &held) == 0 && stat(partial, &named) == 0 && held.st_ino == named.st_ino
      && held.st_dev == named.st_dev
    guard isStill, !isRefused else {
      close(descriptor)
      throw FileError(
        path: path, operation: writing, code: EWOULDBLOCK, message: "another process is writing it",
        repair: "Wait until it has ended.")
    }
    guard ftruncate(descriptor, 0) == 0 else {
      defer { close(descriptor) }
      throw FileError.last(path, "create the file")
    }
    return descriptor
  }
}
