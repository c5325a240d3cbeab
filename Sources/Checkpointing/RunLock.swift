// Unsafe: asks the operating system for a file lock and this host's name.
import Foundation
import AtomicFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The right to change a run folder, held until this value leaves scope or its process ends, however it ends.
///
/// It is an `flock`: the operating system drops it with the process, so a killed run leaves no obstacle behind. The text
/// inside the file only tells people who holds it.
public struct RunLock: ~Copyable, Sendable {
  private let descriptor: Int32

  /// Who holds a lock.
  public struct Holder: Sendable, Equatable, CustomStringConvertible {
    public var processID: Int32
    public var host: String
    /// ISO 8601, UTC.
    public var started: String

    public var description: String { "process \(processID) on \(host), since \(started)" }

    /// The lock file's text.
    var text: String { "process \(processID)\nhost \(host)\nstarted \(started)\n" }

    init(processID: Int32, host: String, started: String) {
      self.processID = processID
      self.host = host
      self.started = started
    }

    /// Reads the text; nil when it is another's.
    init?(_ text: String) {
      let fields = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
      guard fields.count == 3, fields.allSatisfy({ $0.count == 2 }), let processID = Int32(fields[0][1]),
        fields.map({ $0[0] }) == ["process", "host", "started"]
      else { return nil }
      self.init(processID: processID, host: String(fields[1][1]), started: String(fields[2][1]))
    }
  }

  /// Takes the lock, making its file when there is none.
  ///
  /// Errors: another process has it (who, since when), or the file cannot be written.
  init(acquiring path: String) throws(FileError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path, "open the lock", errno) }
    // A look at the lock (`holder`) holds it for an instant; a run holds it for long.
    var attempts = 20
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      attempts -= 1
      guard code == EWOULDBLOCK || code == EINTR, attempts > 0 else {
        let holder = Self.text(of: descriptor)
        close(descriptor)
        throw code == EWOULDBLOCK || code == EINTR
          ? Self.held(path, by: holder) : Self.failure(path, "lock the run", code)
      }
      usleep(10_000)
    }
    let holder = Holder(processID: getpid(), host: Self.hostName(), started: Date().ISO8601Format())
    let content = Array(holder.text.utf8)
    guard ftruncate(descriptor, 0) == 0,
      unsafe content.withUnsafeBytes({ unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }) == content.count
    else {
      let code = errno
      close(descriptor)
      throw Self.failure(path, "write the lock", code)
    }
    self.descriptor = descriptor
  }

  /// Who holds the lock now; nil when nobody does. It needs no right to write.
  static func holder(of path: String) -> Holder? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    return Holder(text(of: descriptor)) ?? Holder(processID: 0, host: "an unknown host", started: "an unknown time")
  }

  deinit {
    _ = ftruncate(descriptor, 0)
    close(descriptor)
  }

  private static func text(of descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
    return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
  }

  private static func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    let count = name.count - 1
    guard unsafe gethostname(&name, count) == 0 else { return "an unknown host" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func held(_ path: String, by text: String) -> FileError {
    let holder = Holder(text)
    return FileError(
      path: path, operation: "use the run", code: EWOULDBLOCK,
      message: "\(holder?.description ?? "another process") is running here",
      repair: holder.map { "Wait for it, or stop it with: kill \($0.processID)" } ?? "Wait until it has ended.")
  }

  private static func failure(_ path: String, _ operation: String, _ code: Int32) -> FileError {
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    return FileError(
      path: path, operation: operation, code: code, message: reason,
      repair: "Check that the run's folder exists and may be written.")
  }
}
