import Dispatch
import Foundation
import Synchronization

/// The thread pool: work is cut by shape, never by the number of threads, so results have the same bits for any.
public enum Parallel {
  /// Threads that take part, the caller included. The default is the number of active processors.
  public static var threadCount: Int {
    get { threads.load(ordering: .relaxed) }
    set {
      require(newValue > 0, "Parallel.threadCount: expected at least 1, got \(newValue)")
      threads.store(newValue, ordering: .relaxed)
    }
  }

  /// Calls `body(task, worker)` once for each task below `count`. Tasks start in order and may run at the same
  /// time; `worker` (below `threads`) names the thread, for scratch memory of its own: who gives `threads` has
  /// prepared for so many, whatever `threadCount` becomes meanwhile.
  static func run(_ count: Int, threads: Int = threadCount, _ body: @Sendable (_ task: Int, _ worker: Int) -> Void) {
    let workers = min(threads, count)
    guard workers > 1 else {
      for task in 0..<count { body(task, 0) }
      return
    }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      while true {
        let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard task < count else { return }
        body(task, worker)
      }
    }
  }

  /// Cuts `0..<count` in pieces of `grain` and calls `body` with each.
  static func ranges(_ count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
    run((count + grain - 1) / grain) { task, _ in body(task * grain..<min(count, (task + 1) * grain)) }
  }

  private static let threads = Atomic<Int>(ProcessInfo.processInfo.activeProcessorCount)
}
