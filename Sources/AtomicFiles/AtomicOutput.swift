// Unsafe: calls POSIX, which takes C strings and addresses.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a file or folder could not be written.
public struct OutputProblem: Error, Equatable, Sendable {
  /// The name it was to have.
  public var path: String
  /// Bytes written before.
  public var position: Int
  public var found: String
  public var allowed: String
  public var repair: String
}

/// A file being written under a temporary name beside its own; it takes its own name only in ``commit()``.
/// Without that, the temporary file is removed when the value's life ends.
///
/// Each format says in its own kind of error what went wrong.
public struct AtomicOutput<Failure: Error>: ~Copyable {
  public let path: String
  private let failing: @Sendable (OutputProblem) -> Failure
  private let temporary: String
  private let expectedBytes: Int
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private var written = 0
  private var committed = false

  private static var bufferBytes: Int { 1 << 20 }

  /// Creates `path.partial`, if the disk has `byteCount` bytes left. A leftover of a killed process is taken over; one
  /// that a living process holds is refused.
  public init(
    replacing path: String, byteCount: Int, failing: @escaping @Sendable (OutputProblem) -> Failure
  ) throws(Failure) {
    self.path = path
    self.failing = failing
    temporary = path + ".partial"
    expectedBytes = byteCount
    descriptor = -1
    buffer.reserveCapacity(Self.bufferBytes)
    var status = stat()
    if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw failure(isFolder ? EISDIR : EINVAL, "Name a file, not a \(isFolder ? "folder" : "device or a pipe").")
    }
    let opened = unsafe open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    if opened < 0 { throw failure(errno, "Check the folder and its permissions.") }
    // From here on, deinit would remove the temporary: only a file that is locked may be ours.
    if flock(opened, LOCK_EX | LOCK_NB) != 0 || !Self.isStill(opened, temporary) {
      close(opened)
      throw failure(EBUSY, "Another process is writing \(temporary); wait for it.")
    }
    descriptor = opened
    if ftruncate(descriptor, 0) != 0 { throw failure(errno, Self.repair) }
    var volume = statvfs()
    if unsafe fstatvfs(descriptor, &volume) == 0 {
      let (free, overflow) = UInt(volume.f_bavail).multipliedReportingOverflow(by: UInt(volume.f_frsize))
      if !overflow && free < byteCount { throw failure(ENOSPC, "Only \(free) bytes are free. \(Self.repair)") }
    }
  }

  /// A file that exists already and is not replaced, such as a device; for tests of failing disks.
  public init(existing path: String, failing: @escaping @Sendable (OutputProblem) -> Failure) throws(Failure) {
    self.path = path
    self.failing = failing
    temporary = ""
    expectedBytes = 0
    descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    if descriptor < 0 { throw failure(errno, Self.repair) }
  }

  deinit {
    if descriptor < 0 { return }
    if !committed && !temporary.isEmpty { _ = unsafe unlink(temporary) }
    close(descriptor)
  }

  public mutating func append(_ bytes: RawSpan) throws(Failure) {
    if buffer.count + bytes.byteCount > Self.bufferBytes { try flush() }
    if bytes.byteCount >= Self.bufferBytes {
      try write(bytes)
    } else {
      unsafe bytes.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
    }
  }

  public mutating func append(_ bytes: Span<UInt8>) throws(Failure) { try unsafe append(bytes.bytes) }

  /// Hands everything to the system, so that others can read the file under its temporary name, which is returned.
  public mutating func complete() throws(Failure) -> String {
    try flush()
    return temporary
  }

  /// Everything to the disk, then the temporary name becomes the file's name.
  public mutating func commit() throws(Failure) {
    try flush()
    if fsync(descriptor) != 0 { throw failure(errno, Self.repair) }
    if unsafe rename(temporary, path) != 0 { throw failure(errno, "Check the folder and its permissions.") }
    committed = true
    // The rename itself is durable once the folder is; not every file system allows this, none needs it to be whole.
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let opened = unsafe open(folder, O_RDONLY | O_CLOEXEC)
    if opened >= 0 {
      fsync(opened)
      close(opened)
    }
  }

  private mutating func flush() throws(Failure) {
    let full = buffer
    buffer = []
    try unsafe write(full.span.bytes)
    buffer = full
    buffer.removeAll(keepingCapacity: true)
  }

  private mutating func write(_ bytes: RawSpan) throws(Failure) {
    var done = 0
    while done < bytes.byteCount {
      let rest = bytes.extracting(done..<bytes.byteCount)
      let count = unsafe rest.withUnsafeBytes { unsafe Self.write(descriptor, $0) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw failure(errno, Self.repair) }
      done += count
      written += count
    }
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Musl)
      unsafe Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      unsafe Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  /// Whether `path` still names the opened file, and not one that took its place in between.
  private static func isStill(_ descriptor: Int32, _ path: String) -> Bool {
    var opened = stat()
    var named = stat()
    return unsafe fstat(descriptor, &opened) == 0 && stat(path, &named) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }

  private static var repair: String {
    "Free space or write elsewhere; the partial file was removed, an earlier file of that name is untouched."
  }

  private func failure(_ code: Int32, _ repair: String) -> Failure {
    let reason = unsafe String(cString: strerror(code))
    return failing(
      OutputProblem(
        path: path, position: written, found: "\(reason) (system error \(code))",
        allowed: "a writable file of \(expectedBytes) bytes", repair: repair))
  }
}
