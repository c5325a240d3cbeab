import Kernels
import TensorCore

/// How fast a disk takes and gives, in bytes a second.
public struct DiskRate: Codable, Equatable, Sendable {
  public var write, read: Double

  public init(write: Double, read: Double) { (self.write, self.read) = (write, read) }

  /// Writes and reads a scratch file in blocks of 32 MiB, as spilling does: a second or two.
  ///
  /// - Throws: `ScratchError`.
  public static func measured(in folder: String, blocks: Int = 4) throws(ScratchError) -> DiskRate {
    let count = 8 << 20, bytes = count * MemoryLayout<Float>.stride, clock = ContinuousClock()
    let file = try ScratchDescriptor(in: folder, byteCount: blocks * bytes)
    var values = Buffer(count) { span in
      for i in span.indices { span[i] = Float(i) }
    }
    func seconds(since start: ContinuousClock.Instant) -> Double { max(1e-6, (clock.now - start) / .seconds(1)) }
    let total = Double(blocks * bytes)
    var span = values.mutableSpan
    var start = clock.now
    for block in 0..<blocks { try file.write(span.span, at: block * bytes) }
    let write = total / seconds(since: start)
    start = clock.now
    for block in 0..<blocks { try file.read(at: block * bytes, into: &span) }
    return DiskRate(write: write, read: total / seconds(since: start))
  }
}
