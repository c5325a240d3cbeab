import Foundation
import Synchronization

/// Memory for tensors and for the scratch of kernels. Large blocks come from one stretch of address space whose pages
/// stay with the process when a block is given back, so that a steady training step asks the system for nothing.
///
/// Pages are kept only while all of them stay within the most that was ever in use at once, and a little slack.
public enum Memory {
  /// `count` floats on a 64-byte boundary with undefined values, or zeros.
  @unsafe public static func take(_ count: Int, zeroed: Bool) -> UnsafeMutablePointer<Float> {
    let bytes = blockSize(count)
    let found = unsafe isLarge(bytes) ? state.withLock { state in unsafe state.take(bytes) } : small(bytes)
    guard let found = unsafe found else {
      stop(
        "no memory for \(count) floats (\(bytes >> 20) MiB) beside the \(state.withLock { $0.live } >> 20) MiB in use")
    }
    if unsafe zeroed && !found.isZero { unsafe memset(found.base, 0, count * MemoryLayout<Float>.stride) }
    return unsafe found.base.assumingMemoryBound(to: Float.self)
  }

  /// Takes back what `take(count)` gave.
  @unsafe public static func give(_ base: UnsafeMutablePointer<Float>, _ count: Int) {
    let bytes = blockSize(count)
    if isLarge(bytes) { state.withLock { unsafe $0.give(base, bytes) } } else { unsafe free(base) }
  }

  @unsafe fileprivate struct Block {
    var base: UnsafeMutableRawPointer
    /// Fresh from the system.
    var isZero: Bool
  }

  @unsafe private static func small(_ bytes: Int) -> Block? {
    var fresh: UnsafeMutableRawPointer?
    guard unsafe posix_memalign(&fresh, 64, max(bytes, 64)) == 0, let fresh = unsafe fresh else { return nil }
    return unsafe Block(base: fresh, isZero: false)
  }

  private static let state = Mutex(Arena())

  private static func isLarge(_ bytes: Int) -> Bool { bytes >= 256 << 10 }

  /// Small blocks as they are, large ones in whole pages.
  private static func blockSize(_ count: Int) -> Int {
    let bytes = count * MemoryLayout<Float>.stride
    return isLarge(bytes) ? (bytes + 4095) / 4096 * 4096 : bytes
  }
}

/// One stretch of reserved address space, and which parts of it are free.
@safe private struct Arena: @unchecked Sendable {
  /// A part that nobody uses; neighbours differ in whether they have pages.
  private struct Gap {
    var start, count: Int
    var hasPages: Bool
    var end: Int { start + count }
  }

  private var base: UnsafeMutableRawPointer?
  /// In the order of addresses.
  private var gaps: [Gap] = []
  /// Bytes in use, the most there ever were, and those that have pages, in use or not.
  private(set) var live = 0
  private var peak = 0
  private var resident = 0

  /// Reserves as much address space as can be had, up to twice the machine's memory: room enough for gaps.
  private mutating func reserve() {
    var size = Int(clamping: ProcessInfo.processInfo.physicalMemory) * 2
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    while size >= 64 << 20 {
      let start = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, Int32(flags), -1, 0)
      if let start = unsafe start, unsafe start != MAP_FAILED {
        unsafe madvise(start, size, Int32(MADV_HUGEPAGE))
        unsafe base = start
        gaps = [Gap(start: 0, count: size, hasPages: false)]
        return
      }
      size /= 2
    }
  }

  @unsafe mutating func take(_ bytes: Int) -> Memory.Block? {
    if unsafe base == nil { reserve() }
    guard let base = unsafe base, let (first, last) = room(for: bytes) else { return nil }
    let start = gaps[first].start
    var fresh = 0
    var rest: [Gap] = []
    for var gap in gaps[first...last] {
      let used = min(gap.end, start + bytes) - gap.start
      if !gap.hasPages { fresh += used }
      (gap.start, gap.count) = (gap.start + used, gap.count - used)
      if gap.count > 0 { rest.append(gap) }
    }
    gaps.replaceSubrange(first...last, with: rest)
    live += bytes
    peak = max(peak, live)
    resident += fresh
    trim()
    return unsafe Memory.Block(base: base + start, isZero: fresh == bytes)
  }

  @unsafe mutating func give(_ block: UnsafeMutablePointer<Float>, _ bytes: Int) {
    guard let base = unsafe base else { return }
    let start = unsafe UnsafeMutableRawPointer(block) - base
    live -= bytes
    insert(Gap(start: start, count: bytes, hasPages: true))
  }

  /// The smallest gap with pages that holds so many bytes; else the first neighbours that do together.
  private func room(for bytes: Int) -> (first: Int, last: Int)? {
    var best: Int?
    for (index, gap) in gaps.enumerated() where gap.hasPages && gap.count >= bytes {
      if best.map({ gap.count < gaps[$0].count }) ?? true { best = index }
    }
    if let best { return (best, best) }
    var first = 0
    for index in gaps.indices {
      if index > 0, gaps[index - 1].end != gaps[index].start { first = index }
      if gaps[index].end - gaps[first].start >= bytes { return (first, index) }
    }
    return nil
  }

  private mutating func insert(_ gap: Gap) {
    var gap = gap
    var low = 0
    var high = gaps.count
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].start < gap.start { low = middle + 1 } else { high = middle }
    }
    if low < gaps.count, gaps[low].start == gap.end, gaps[low].hasPages == gap.hasPages {
      gap.count += gaps.remove(at: low).count
    }
    if low > 0, gaps[low - 1].end == gap.start, gaps[low - 1].hasPages == gap.hasPages {
      gaps[low - 1].count += gap.count
    } else {
      gaps.insert(gap, at: low)
    }
  }

  /// Gives pages of gaps back to the system, the largest gap first, until hardly more have pages than were ever in use.
  private mutating func trim() {
    while let base = unsafe base, case let excess = resident - peak - max(32 << 20, peak / 16), excess > 0,
      let largest = gaps.indices.filter({ gaps[$0].hasPages }).max(by: { gaps[$0].count < gaps[$1].count })
    {
      var gap = gaps.remove(at: largest)
      let kept = max(0, gap.count - (excess + 4095) / 4096 * 4096)
      if kept > 0 { insert(Gap(start: gap.start, count: kept, hasPages: true)) }
      (gap.start, gap.count, gap.hasPages) = (gap.start + kept, gap.count - kept, false)
      unsafe madvise(base + gap.start, gap.count, Int32(MADV_DONTNEED))
      resident -= gap.count
      insert(gap)
    }
  }
}
