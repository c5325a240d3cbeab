// Unsafe: copies the text of strerror.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why the operating system refused something: which file, what for, its reason, how to repair it.
public struct FileError: StorageFailure, Sendable, Equatable, CustomStringConvertible {
  public var path: String
  /// What was being done, as in "rename the file".
  public var operation: String
  /// The operating system's number, such as `ENOSPC`; 0 when the trouble is not the system's.
  public var code: Int32
  public var message: String
  public var repair: String

  public init(path: String, operation: String, code: Int32 = 0, message: String, repair: String) {
    self.path = path
    self.operation = operation
    self.code = code
    self.message = message
    self.repair = repair
  }

  public var description: String { "\(path): cannot \(operation): \(message). \(repair)" }

  /// Whether the trouble is a lack of space.
  public var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

  /// Whether another process is writing the file.
  public var isHeld: Bool { code == EWOULDBLOCK }

  /// The error for the call that failed last.
  public static func last(_ path: String, _ operation: String) -> FileError {
    last(path, operation, code: errno)
  }

  /// The error that the operating system's number means.
  public static func last(_ path: String, _ operation: String, code: Int32) -> FileError {
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    let repair =
      switch code {
      case ENOENT: "Check that the folder exists."
      case EACCES, EPERM: "Check who owns the folder and whether it may be written."
      case EROFS: "The disk is mounted read-only: choose another folder."
      case ENOSPC, EDQUOT: "Free space on this disk or choose another folder."
      default: "Check the disk and the folder."
      }
    return FileError(path: path, operation: operation, code: code, message: reason, repair: repair)
  }

  /// "disk full: needed X, free Y".
  static func diskFull(path: String, operation: String, needed: Int, free: Int) -> FileError {
    FileError(
      path: path, operation: operation, code: ENOSPC,
      message: "disk full: needed \(FileSystem.describe(bytes: needed)), free \(FileSystem.describe(bytes: free))",
      repair: "Free space on this disk or choose another folder.")
  }
}
