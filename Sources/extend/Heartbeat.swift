import Foundation
import Metrics
import Synchronization

/// Says that a long step is under way: the last line kept alive on a terminal, a line every 30 s elsewhere.
final class Heartbeat: Sendable {
  private struct State {
    var text = ""
    var since = ContinuousClock.now
    /// Seconds, in all.
    var expected: Double?
    var isOver = false

    var running: Double { (ContinuousClock.now - since) / .seconds(1) }
  }
  private let state = Mutex(State())

  /// Begins to beat.
  init() {
    Thread.detachNewThread { [self] in
      while !state.withLock({ $0.isOver }) {
        Thread.sleep(forTimeInterval: 1)
        beat()
      }
    }
  }

  /// What is under way from now on, and how many seconds it should take.
  func begin(_ text: String, expecting seconds: Double? = nil) {
    state.withLock { $0 = State(text: text, since: .now, expected: seconds) }
  }

  /// What is under way from now on, shown at once.
  func show(_ text: String) {
    Console.progress(text)
    begin(text)
  }

  /// How much of what is under way is done, 0 to 1, and what is to be said of it now.
  func advance(to share: Double, _ text: String? = nil) {
    state.withLock {
      $0.expected = share > 0 ? $0.running / share : nil
      if let text { $0.text = text }
    }
  }

  /// As above, of what somebody may interrupt.
  func advanceOrLeave(at share: Double) throws(Interrupted) {
    advance(to: share)
    try Interruption.check()
  }

  /// Nothing is under way; nothing is said of it after this.
  func pause() { state.withLock { $0.text = "" } }

  /// Ends; nothing is said after this.
  func stop() { state.withLock { $0.isOver = true } }

  private func beat() {
    state.withLock { now in
      let running = now.running
      guard !now.text.isEmpty, !now.isOver, running >= 1 else { return }
      let about = now.expected.map { " of about \(ProgressFormat.duration($0))" } ?? ""
      let line = "\(now.text)  running for \(ProgressFormat.duration(running))\(about)"
      if Console.isTerminal {
        Console.progress(line)
      } else if Console.silence > 28 {
        Console.print(line)
      }
    }
  }
}
