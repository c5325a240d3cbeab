import Foundation
import Synchronization

/// Memory for tensors and for the scratch of kernels. Large blocks are kept when given back and serve the next
/// taker of their size, so that a steady training step asks the system for nothing.
///
/// Blocks are kept only while all memory stays within the most that was ever in use at once, and a little slack.
public enum Memory {
  /// `count` floats on a 64-byte boundary with undefined values, or zeros.
  @unsafe public static func take(_ count: Int, zeroed: Bool) -> UnsafeMutablePointer<Float> {
    let bytes = blockSize(count)
    let found = unsafe state.withLock { state -> UnsafeMutableRawPointer? in
      state.live += bytes
      state.peak = max(state.peak, state.live)
      guard isLarge(bytes) else { return nil }
      if let kept = unsafe state.kept[bytes]?.popLast() {
        state.keptBytes -= bytes
        return unsafe kept
      }
      state.release(downTo: state.peak - state.live + slack)
      return nil
    }
    if let found = unsafe found {
      if zeroed { unsafe memset(found, 0, count * MemoryLayout<Float>.stride) }
      return unsafe found.assumingMemoryBound(to: Float.self)
    }
    var fresh: UnsafeMutableRawPointer?
    if isLarge(bytes) {
      unsafe fresh = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      if unsafe fresh == MAP_FAILED { unsafe fresh = nil }
      if let fresh = unsafe fresh, bytes >= 8 << 20 { unsafe madvise(fresh, bytes, Int32(MADV_HUGEPAGE)) }
    } else if unsafe posix_memalign(&fresh, 64, max(bytes, 64)) == 0, zeroed, let fresh = unsafe fresh {
      unsafe memset(fresh, 0, count * MemoryLayout<Float>.stride)
    }
    guard let fresh = unsafe fresh else {
      stop(
        "no memory for \(count) floats (\(bytes >> 20) MiB) beside the \(state.withLock { $0.live } >> 20) MiB in use")
    }
    return unsafe fresh.assumingMemoryBound(to: Float.self)
  }

  /// Takes back what `take(count)` gave.
  @unsafe public static func give(_ base: UnsafeMutablePointer<Float>, _ count: Int) {
    let bytes = blockSize(count)
    let isLarge = isLarge(bytes)
    state.withLock { state in
      state.live -= bytes
      guard isLarge else { return }
      unsafe state.kept[bytes, default: []].append(UnsafeMutableRawPointer(base))
      state.keptBytes += bytes
    }
    if !isLarge { unsafe free(base) }
  }

  @safe private struct State: @unchecked Sendable {
    var live = 0
    var peak = 0
    var keptBytes = 0
    var kept: [Int: [UnsafeMutableRawPointer]] = unsafe [:]

    /// Returns kept blocks to the system, the largest first, until no more than `limit` bytes are kept.
    mutating func release(downTo limit: Int) {
      while keptBytes > limit, let size = unsafe kept.filter({ unsafe !$0.value.isEmpty }).keys.max(),
        let block = unsafe kept[size]?.popLast()
      {
        unsafe munmap(block, size)
        keptBytes -= size
      }
    }
  }

  private static let state = Mutex(State())

  private static let slack = 32 << 20

  private static func isLarge(_ bytes: Int) -> Bool { bytes >= 256 << 10 }

  /// Small blocks as they are; large ones in steps of an eighth of their power of two, so that blocks of nearly
  /// one size serve for each other.
  private static func blockSize(_ count: Int) -> Int {
    let bytes = count * MemoryLayout<Float>.stride
    guard isLarge(bytes) else { return bytes }
    let step = max(4096, 1 << (Int.bitWidth - 1 - bytes.leadingZeroBitCount - 3))
    return (bytes + step - 1) / step * step
  }
}
