import CHDF5

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file and object an operation is about, for its error messages; the lock is held.
struct HDF5Site {
  var path: String
  var object: String = "/"

  /// `id`, or what libhdf5 said when it gave none.
  func valid(_ id: hid_t, _ operation: String) throws(HDF5Error) -> hid_t {
    guard id >= 0 else { throw refusal(operation) }
    return id
  }

  /// Nothing, or what libhdf5 said when the call failed.
  func done(_ status: herr_t, _ operation: String) throws(HDF5Error) {
    guard status >= 0 else { throw refusal(operation) }
  }

  /// The error for the call that failed last.
  func refusal(_ operation: String) -> HDF5Error {
    let message = HDF5Library.explanation()
    // libhdf5's driver reports "errno = 28, error message = '…'".
    let isFull = [ENOSPC, EDQUOT, EFBIG].contains { message.contains("errno = \($0),") }
    if isFull {
      return error(.diskFull, operation, message, "Free space on this disk or choose another folder.")
    }
    return error(
      .refused, operation, message, "Check that the file is whole and that its folder can be read and written.")
  }

  func error(_ kind: HDF5Error.Kind, _ operation: String, _ message: String, _ repair: String) -> HDF5Error {
    HDF5Error(kind: kind, path: path, object: object, operation: operation, message: message, repair: repair)
  }

  /// The same file, another object.
  func at(_ object: String) -> HDF5Site { HDF5Site(path: path, object: object) }

  /// Refuses names that C would cut short or that name nothing.
  func checkName(_ name: String, _ operation: String) throws(HDF5Error) {
    guard !name.isEmpty, !name.utf8.contains(0) else {
      throw error(
        .notStorable, operation, "the name \(name.debugDescription) is empty or holds a zero byte",
        "Use a name such as \"weights/embedding\".")
    }
  }
}
