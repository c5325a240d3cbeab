import Foundation
import Kernels

/// Only one test at a time may choose the number of threads.
private let threadCountLock = NSLock()

/// What `body` gives with each number of threads.
public func withThreadCounts<Result>(_ counts: [Int] = [1, 2, 3], _ body: () throws -> Result) rethrows -> [Result] {
  threadCountLock.lock()
  let before = Parallel.threadCount
  defer {
    Parallel.threadCount = before
    threadCountLock.unlock()
  }
  return try counts.map { count in
    Parallel.threadCount = count
    return try body()
  }
}

extension Sequence<Float> {
  /// The bits, for comparisons that tell 0 from −0 and compare NaN.
  public var bits: [UInt32] { map(\.bitPattern) }
}
