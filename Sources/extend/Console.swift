import Foundation
import AtomicFiles
import Synchronization

/// The terminal, or the file that stands for it: one line that is rewritten on a terminal, plain lines otherwise.
enum Console {
  private struct State {
    /// Whether the last line waits to be replaced.
    var isOpen = false
    var last = ContinuousClock.now
    var failure: String?

    /// Writes; a full disk under the log of a run is no reason to stop the run, so a failure is only kept.
    mutating func write(_ text: String) {
      do { try FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) } catch {
        failure = failure ?? FileError.reason(of: error)
      }
    }
  }
  private static let state = Mutex(State())

  /// Whether standard output is a terminal.
  static let isTerminal = isatty(STDOUT_FILENO) == 1

  /// Why standard output could not be written to; nil when it could.
  static var failure: String? { state.withLock { $0.failure } }

  /// Seconds since something was last written.
  static var silence: Double { state.withLock { (ContinuousClock.now - $0.last) / .seconds(1) } }

  /// A whole line.
  static func print(_ text: String = "") {
    state.withLock { state in
      state.write((state.isOpen ? "\r\u{1B}[K" : "") + text + "\n")
      (state.isOpen, state.last) = (false, .now)
    }
  }

  /// A line that the next one replaces on a terminal; elsewhere nothing.
  static func progress(_ text: String) {
    guard isTerminal else { return }
    state.withLock { state in
      state.write("\r\u{1B}[K" + text)
      (state.isOpen, state.last) = (true, .now)
    }
  }

  /// Text that ends no line, such as streamed words.
  static func stream(_ text: String) {
    state.withLock { state in
      state.write((state.isOpen ? "\r\u{1B}[K" : "") + text)
      (state.isOpen, state.last) = (false, .now)
    }
  }

  static func error(_ text: String) {
    state.withLock { state in
      if state.isOpen { state.write("\r\u{1B}[K") }
      // When standard error is gone too, nobody is left to tell.
      try? FileHandle.standardError.write(contentsOf: Data("extend: \(text)\n".utf8))
      state.isOpen = false
    }
  }
}
