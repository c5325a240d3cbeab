// Unsafe: lets pread(2) and pwrite(2) fill and take Swift arrays.
import AtomicFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file as plain bytes, read and written at given places.
struct RawFile: ~Copyable {
  let path: String
  let byteCount: Int
  private let descriptor: Int32

  init(_ path: String, writable: Bool = false) throws(HDF5Error) {
    // Without O_NONBLOCK, opening a named pipe would wait for its other end.
    descriptor = unsafe open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK)
    self.path = path
    var status = stat()
    guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      let code = descriptor >= 0 ? EINVAL : errno
      if descriptor >= 0 { close(descriptor) }
      let reason = FileError.last(path, "open the file", code: code)
      throw HDF5Error(
        kind: code == ENOENT ? .notFound : .refused, path: path, operation: reason.operation, message: reason.message,
        repair: reason.repair)
    }
    byteCount = Int(status.st_size)
  }

  /// The bytes of a range that lies inside the file.
  func read(_ range: Range<Int>) throws(HDF5Error) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    try read(at: range.lowerBound, into: &bytes)
    return bytes
  }

  private func read(at offset: Int, into bytes: inout [UInt8]) throws(HDF5Error) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
      }
      guard count > 0 || (count < 0 && errno == EINTR) else {
        throw HDF5Error(
          kind: count == 0 ? .damaged : .refused, path: path, operation: "read byte \(offset + done)",
          message: count == 0 ? "the file ends there" : FileError.last(path, "").message,
          repair: "Check the disk, and copy the file again.")
      }
      done += max(count, 0)
    }
  }

  /// The checksum of ranges that lie inside the file, taken as one stretch of bytes.
  func checksum(of ranges: [Range<Int>]) throws(HDF5Error) -> Checksum {
    guard var running = RunningChecksum() else {
      throw HDF5Error(
        kind: .refused, path: path, operation: "check the file", message: "no memory is left", repair: "Free memory.")
    }
    for range in ranges {
      var start = range.lowerBound
      while start < range.upperBound {
        let block = try read(start..<min(start + (1 << 20), range.upperBound))
        unsafe running.update(block.span.bytes)
        start += block.count
      }
    }
    return running.checksum
  }

  /// Replaces bytes inside the file.
  func write(_ bytes: [UInt8], at offset: Int) throws(HDF5Error) {
    let count = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
    guard count == bytes.count else {
      let reason = FileError.last(path, "write the seal")
      throw HDF5Error(
        kind: reason.isDiskFull ? .diskFull : .refused, path: path, operation: reason.operation,
        message: reason.message, repair: reason.repair)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
