import Foundation
import Metrics
import Synchronization

/// Says that a long step is under way: the last line kept alive on a terminal, a line every 30 s elsewhere. Where standard
/// output is for something else, a line on standard error every 10 s.
final class Heartbeat: Sendable {
  private struct State {
    var text = ""
    var since = ContinuousClock.now
    /// When standard error was last written to.
    var said = ContinuousClock.now
    var expected: Double?
    /// How much of it is done.
    var share = 0.0
    var isOver = false
  }
  private let state = Mutex(State())
  private let leavesOutputAlone: Bool

  /// Begins to beat.
  init(leavesOutputAlone: Bool = false) {
    self.leavesOutputAlone = leavesOutputAlone
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
      $0.share = share
      if let text { $0.text = text }
    }
  }

  /// Nothing is under way.
  func pause() { state.withLock { $0.text = "" } }

  func stop() { state.withLock { $0.isOver = true } }

  private func beat() {
    let now = state.withLock { $0 }
    guard !now.text.isEmpty, !now.isOver else { return }
    let running = (ContinuousClock.now - now.since) / .seconds(1)
    guard running >= 1 else { return }
    let expected = now.expected ?? (now.share > 0 ? running / now.share : nil)
    let about = expected.map { " of about \(ProgressFormat.duration($0))" } ?? ""
    let line = "\(now.text)  running for \(ProgressFormat.duration(running))\(about)"
    if leavesOutputAlone {
      if ContinuousClock.now - now.said >= .seconds(10) {
        Console.error(line)
        state.withLock { $0.said = .now }
      }
    } else if Console.isTerminal {
      Console.progress(line)
    } else if Console.silence > 28 {
      Console.print(line)
    }
  }
}
