// Unsafe: fills C structures of the operating system.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The few questions to the operating system that storage needs.
public enum FileSystem {
  /// The size of a readable regular file in bytes; nil when there is none.
  public static func byteCount(of path: String) -> Int? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, unsafe access(path, R_OK) == 0 else {
      return nil
    }
    return Int(status.st_size)
  }

  /// Bytes an ordinary user may still write to the file system that holds `path`; nil when it cannot be asked.
  static func availableBytes(at path: String) -> Int? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    let (bytes, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
    return overflow ? Int.max : bytes
  }

  /// The folder part of a path: "a/b" gives "a", "b" gives ".".
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Waits until the folder that holds `path` is on the disk, and with it the file's name.
  static func sync(folderOf path: String) throws(FileError) {
    let folder = folder(of: path), descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.last(folder, "open the folder to sync it") }
    defer { close(descriptor) }
    try sync(descriptor, folder)
  }

  /// Waits until an open file or folder is on the disk.
  static func sync(_ descriptor: Int32, _ path: String) throws(FileError) {
    while fsync(descriptor) != 0 {
      // Some file systems cannot sync a folder and say so.
      if errno == EINVAL { return }
      if errno != EINTR { throw FileError.last(path, "sync it to the disk") }
    }
  }

  /// A count of bytes for people: "1.61 GB".
  static func describe(bytes: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    guard unit > 0 else { return "\(bytes) bytes" }
    let hundredths = Int((value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) \(units[unit])"
  }
}
