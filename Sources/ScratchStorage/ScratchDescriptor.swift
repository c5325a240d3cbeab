// The door to the system's files. Unsafe: hands the addresses of checked spans to system calls.
import Foundation

/// A nameless file of a fixed size whose blocks are on disk from the start.
struct ScratchDescriptor: ~Copyable, Sendable {
  private let descriptor: Int32
  private let folder: String

  /// Bytes that go to the system at a time.
  private static let block = 8 << 20

  /// Makes the file and takes its name away at once, so that nothing is left of it however the process ends.
  ///
  /// - Throws: `ScratchError` when the folder cannot be written or the disk has no room for all of it.
  init(in folder: String, byteCount: Int) throws(ScratchError) {
    func failure(_ operation: String, _ message: String, _ repair: String) -> ScratchError {
      ScratchError(folder: folder, operation: operation, message: message, repair: repair)
    }
    var path = Array("\(folder)/.extend-scratch-XXXXXX".utf8CString)
    let descriptor = unsafe path.withUnsafeMutableBufferPointer { name in
      unsafe name.baseAddress.map { unsafe mkstemp($0) } ?? -1
    }
    guard descriptor >= 0 else {
      throw failure(
        "make a scratch file", Self.reason(errno), "Name a folder that exists and may be written with --scratch")
    }
    _ = unsafe path.withUnsafeBufferPointer { name in unsafe name.baseAddress.map { unsafe unlink($0) } }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    if let free = Self.freeBytes(descriptor), free < byteCount {
      close(descriptor)
      throw Self.full(folder, byteCount, free)
    }
    var code = posix_fallocate(descriptor, 0, max(1, byteCount))
    while code == EINTR { code = posix_fallocate(descriptor, 0, max(1, byteCount)) }
    guard code == 0 else {
      let free = Self.freeBytes(descriptor) ?? 0
      close(descriptor)
      if code == ENOSPC || code == EFBIG { throw Self.full(folder, byteCount, free) }
      throw failure(
        "take \(byteCount) bytes for a scratch file", Self.reason(code), "Name another folder with --scratch")
    }
    (self.descriptor, self.folder) = (descriptor, folder)
  }

  deinit { close(descriptor) }

  /// Writes values and waits until the disk has them, so that no cache fills up with what is not read soon.
  borrowing func write(_ values: Span<Float>, at offset: Int) throws(ScratchError) {
    let bytes = values.count * MemoryLayout<Float>.stride
    let code = unsafe values.withUnsafeBytes { source -> Int32 in
      var done = 0
      while done < bytes {
        let count = unsafe pwrite(
          descriptor, source.baseAddress?.advanced(by: done), min(Self.block, bytes - done), off_t(offset + done))
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return count == 0 ? ENOSPC : errno }
        done += count
      }
      return 0
    }
    guard code == 0, Self.flush(descriptor) else {
      throw failure("write \(bytes) bytes to the scratch file", code == 0 ? errno : code)
    }
    posix_fadvise(descriptor, off_t(offset), off_t(bytes), POSIX_FADV_DONTNEED)
  }

  /// Reads values back.
  borrowing func read(at offset: Int, into values: inout MutableSpan<Float>) throws(ScratchError) {
    let bytes = values.count * MemoryLayout<Float>.stride
    let code = unsafe values.withUnsafeMutableBytes { target -> Int32 in
      var done = 0
      while done < bytes {
        let count = unsafe pread(
          descriptor, target.baseAddress?.advanced(by: done), min(Self.block, bytes - done), off_t(offset + done))
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return count == 0 ? ENODATA : errno }
        done += count
      }
      return 0
    }
    guard code == 0 else { throw failure("read \(bytes) bytes from the scratch file", code) }
    posix_fadvise(descriptor, off_t(offset), off_t(bytes), POSIX_FADV_DONTNEED)
  }

  /// Cuts the file off; for tests of what a bad disk does.
  borrowing func truncate(to bytes: Int) { _ = ftruncate(descriptor, off_t(bytes)) }

  private func failure(_ operation: String, _ code: Int32) -> ScratchError {
    ScratchError(
      folder: folder, operation: operation, message: Self.reason(code),
      repair: "Look at the disk, or name a folder on another one with --scratch; checkpoints written before are whole")
  }

  private static func full(_ folder: String, _ needed: Int, _ free: Int) -> ScratchError {
    ScratchError(
      folder: folder, operation: "take room for what waits for the backward pass",
      message: "disk full: needed \(needed >> 20) MiB, free \(free >> 20) MiB",
      repair: "Free some, name a folder on another disk with --scratch, or set memory.storage=bf16 (half as much)")
  }

  private static func flush(_ descriptor: Int32) -> Bool {
    while fdatasync(descriptor) != 0 { if errno != EINTR { return false } }
    return true
  }

  private static func freeBytes(_ descriptor: Int32) -> Int? {
    var found = statvfs()
    guard unsafe fstatvfs(descriptor, &found) == 0 else { return nil }
    return Int(clamping: UInt64(found.f_bavail)) * Int(found.f_frsize)
  }

  private static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
