import Foundation
import HDF5Storage
import Synchronization

/// The terminal, or the file that stands for it: one line that is rewritten on a terminal, plain lines otherwise.
enum Console {
  /// Whether standard output is a terminal.
  static let isTerminal = isatty(STDOUT_FILENO) == 1
  private static let line = Mutex<(isOpen: Bool, last: ContinuousClock.Instant)>((false, .now))

  /// A whole line.
  static func print(_ text: String = "") {
    line.withLock { state in
      if state.isOpen { write("\r\u{1B}[K") }
      write(text + "\n")
      state = (false, .now)
    }
  }

  /// A line that the next one replaces on a terminal; elsewhere nothing.
  static func progress(_ text: String) {
    guard isTerminal else { return }
    line.withLock { state in
      write("\r\u{1B}[K" + text)
      state = (true, .now)
    }
  }

  /// Text that ends no line, such as streamed words.
  static func stream(_ text: String) {
    line.withLock { state in
      write(text)
      state.last = .now
    }
  }

  static func error(_ text: String) {
    line.withLock { state in
      if state.isOpen { write("\r\u{1B}[K") }
      // When standard error is gone too, nobody is left to tell.
      try? FileHandle.standardError.write(contentsOf: Data("extend: \(text)\n".utf8))
      state.isOpen = false
    }
  }

  /// Seconds since something was last written.
  static var silence: Double { line.withLock { (ContinuousClock.now - $0.last) / .seconds(1) } }

  /// Why standard output could not be written, once that has happened: what was to be said is lost, the work goes on.
  static var failure: String? { firstFailure.withLock { $0 } }
  private static let firstFailure = Mutex<String?>(nil)

  private static func write(_ text: String) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      firstFailure.withLock { $0 = $0 ?? FileError.reason(of: error) }
    }
  }
}
