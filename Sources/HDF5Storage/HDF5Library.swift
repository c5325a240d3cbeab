// Unsafe: calls libhdf5 and reads the strings of its error stack.
import CHDF5
import Synchronization

/// The one lock around libhdf5, whose serial build keeps unguarded global state.
///
/// Functions of this module that call libhdf5 are entered through `locked`; the lock is not recursive.
enum HDF5Library {
  /// Whether libhdf5 has been set up; the mutex around it is the library lock.
  private static let isReady = Mutex(false)

  /// Runs `body` while no other thread is inside libhdf5.
  static func locked<Result: ~Copyable>(_ body: () throws(HDF5Error) -> Result) throws(HDF5Error) -> Result {
    try isReady.withLock { (isReady) throws(HDF5Error) -> Result in
      if !isReady {
        // A file that failed to close must not be closed again, perhaps fatally, when the process exits.
        H5dont_atexit()
        H5open()
        H5PLset_loading_state(0)  // a file names its filters; it must not make us load code
        isReady = true
      }
      // Errors are returned, not printed. Builds with threads keep this setting for each thread, hence every time.
      H5Eset_auto2(chdf5_error_stack(), nil, nil)
      return try body()
    }
  }

  /// Files that libhdf5 could not close, most often for want of space. What was open in them is left alone: closing it
  /// would follow pointers into what is gone.
  static let unclosed = Mutex<Set<hid_t>>([])

  /// Closes a file, strictly once; the lock is held.
  static func close(_ file: hid_t) -> herr_t {
    let status = H5Fclose(file)
    if status < 0 { unclosed.withLock { _ = $0.insert(file) } }
    return status
  }

  /// libhdf5's explanation of the call that failed last, outermost words first; the lock is held.
  static func explanation() -> String {
    var lines: [String] = []
    unsafe withUnsafeMutablePointer(to: &lines) { pointer in
      let collect: H5E_walk2_t = { _, entry, context in
        guard let entry = unsafe entry, let text = unsafe entry.pointee.desc,
          let lines = unsafe context?.assumingMemoryBound(to: [String].self)
        else { return 0 }
        unsafe lines.pointee.append(String(cString: text))
        return 0
      }
      _ = unsafe H5Ewalk2(chdf5_error_stack(), H5E_WALK_DOWNWARD, collect, pointer)
    }
    H5Eclear2(chdf5_error_stack())
    guard let outermost = lines.first, let innermost = lines.last else { return "libhdf5 gave no reason" }
    return outermost == innermost ? outermost : "\(outermost): \(innermost)"
  }
}
