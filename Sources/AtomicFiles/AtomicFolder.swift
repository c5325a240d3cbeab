// Unsafe: calls POSIX, which takes C strings and addresses.
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder being filled under a temporary name beside its own; it takes its own name only in ``commit()``. Without
/// that, it is removed with everything in it when the value's life ends.
public struct AtomicFolder: ~Copyable {
  /// The name it is to have.
  public let path: String
  /// Where files go until then.
  public let temporary: String
  private let descriptor: Int32
  private var committed = false

  /// Creates `path.partial`. A leftover of a killed process is emptied; one that a living process fills is refused, and
  /// so is a folder called `path` that holds anything, or a file of that name.
  public init(creating path: String) throws(FileError) {
    self.path = path
    let temporary = path + AtomicFile.partialSuffix
    self.temporary = temporary
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [""]
      if !names.isEmpty {
        throw FileError(
          path: path, operation: Self.making, code: EEXIST, message: "something of that name is there",
          repair: "Choose another name, or remove what is there.")
      }
    }
    if unsafe mkdir(temporary, 0o777) != 0, errno != EEXIST { throw FileError.last(path, Self.making) }
    let opened = unsafe open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if opened < 0 { throw FileError.last(temporary, "open the folder") }
    if flock(opened, LOCK_EX | LOCK_NB) != 0 {
      close(opened)
      throw FileError(
        path: path, operation: Self.making, code: EWOULDBLOCK, message: "another process is filling \(temporary)",
        repair: "Wait until it has ended.")
    }
    // From here on, deinit removes the folder: it is locked, so it is ours.
    descriptor = opened
    for name in (try? FileManager.default.contentsOfDirectory(atPath: temporary)) ?? [] {
      try? FileManager.default.removeItem(atPath: temporary + "/" + name)
    }
  }

  deinit {
    if !committed { try? FileManager.default.removeItem(atPath: temporary) }
    close(descriptor)
  }

  /// The folder's list of names to the disk, then the temporary name becomes its own, and that to the disk.
  public mutating func commit() throws(FileError) {
    try FileSystem.sync(descriptor, path)
    guard unsafe rename(temporary, path) == 0 else { throw FileError.last(path, "rename the finished folder") }
    committed = true
    try FileSystem.sync(folderOf: path)
  }

  private static var making: String { "make the folder" }
}
