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
  public init(creating path: String) throws(OutputProblem) {
    self.path = path
    let temporary = path + ".partial"
    self.temporary = temporary
    func problem(_ found: String, _ repair: String) -> OutputProblem {
      OutputProblem(path: path, position: 0, found: found, allowed: "a folder that can be made", repair: repair)
    }
    func systemProblem(_ repair: String) -> OutputProblem {
      unsafe problem("\(String(cString: strerror(errno))) (system error \(errno))", repair)
    }
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [""]
      if !names.isEmpty {
        throw problem("something of that name", "Choose another name, or remove what is there.")
      }
    }
    if unsafe mkdir(temporary, 0o777) != 0, errno != EEXIST {
      throw systemProblem("Check the folder above and its permissions.")
    }
    let opened = unsafe open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if opened < 0 { throw systemProblem("Check the permissions of \(temporary).") }
    if flock(opened, LOCK_EX | LOCK_NB) != 0 {
      close(opened)
      throw problem("another process that is filling \(temporary)", "Wait for it.")
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

  /// The folder's list of names to the disk, then the temporary name becomes its own.
  public mutating func commit() throws(OutputProblem) {
    fsync(descriptor)
    if unsafe rename(temporary, path) != 0 {
      let reason = unsafe String(cString: strerror(errno))
      throw OutputProblem(
        path: path, position: 0, found: "\(reason) (system error \(errno))", allowed: "a folder that can be made",
        repair: "Check the folder above and its permissions.")
    }
    committed = true
  }
}
