import Foundation
import Kernels

/// Only one test at a time may choose the number of threads.
private let threadCountLock = NSLock()

/// What `body` gives with 1, 2 and 3 threads.
public func withThreadCounts<Result>(_ body: () throws -> Result) rethrows -> [Result] {
  threadCountLock.lock()
  let before = Parallel.threadCount
  defer {
    Parallel.threadCount = before
    threadCountLock.unlock()
  }
  return try [1, 2, 3].map { count in
    Parallel.threadCount = count
    return try body()
  }
}

extension Sequence<Float> {
  /// The bits, for comparisons that tell 0 from −0 and compare NaN.
  public var bits: [UInt32] { map(\.bitPattern) }
}
