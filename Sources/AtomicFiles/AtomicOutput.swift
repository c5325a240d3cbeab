// Unsafe: copies bytes of spans into a buffer.

/// A file being written piece by piece under a temporary name beside its own; it takes its own name only in ``commit()``.
/// Without that, the temporary file is removed when the value's life ends.
///
/// Each format says in its own kind of error what went wrong.
public struct AtomicOutput<Failure: Error>: ~Copyable {
  private let failing: @Sendable (FileError) -> Failure
  private var file: PartialFile
  private var buffer: [UInt8] = []

  private static var bufferBytes: Int { 1 << 20 }

  /// Creates the temporary file, if the disk has `byteCount` bytes left. A leftover of a killed process is taken over; one
  /// that a living process holds is refused.
  public init(
    replacing path: String, byteCount: Int, failing: @escaping @Sendable (FileError) -> Failure
  ) throws(Failure) {
    let opened: PartialFile
    do throws(FileError) { opened = try PartialFile(of: path, needing: byteCount) } catch { throw failing(error) }
    self.failing = failing
    file = opened
    buffer.reserveCapacity(Self.bufferBytes)
  }

  /// A file that exists already and is not replaced, such as a device; for tests of failing disks.
  public init(existing path: String, failing: @escaping @Sendable (FileError) -> Failure) throws(Failure) {
    let opened: PartialFile
    do throws(FileError) { opened = try PartialFile(existing: path) } catch { throw failing(error) }
    self.failing = failing
    file = opened
  }

  /// The name it is to have.
  public var path: String { file.path }

  public mutating func append(_ bytes: RawSpan) throws(Failure) {
    if buffer.count + bytes.byteCount > Self.bufferBytes { try flush() }
    if bytes.byteCount >= Self.bufferBytes {
      do throws(FileError) { try file.write(bytes) } catch { throw failing(error) }
    } else {
      unsafe bytes.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
    }
  }

  public mutating func append(_ bytes: Span<UInt8>) throws(Failure) { try unsafe append(bytes.bytes) }

  /// Hands everything to the system, so that others can read the file under its temporary name, which is returned.
  public mutating func complete() throws(Failure) -> String {
    try flush()
    return file.temporary
  }

  /// Everything to the disk, then the temporary name becomes the file's name.
  public mutating func commit() throws(Failure) {
    try flush()
    do throws(FileError) { try file.commit() } catch { throw failing(error) }
  }

  private mutating func flush() throws(Failure) {
    do throws(FileError) { try unsafe file.write(buffer.span.bytes) } catch { throw failing(error) }
    buffer.removeAll(keepingCapacity: true)
  }
}
