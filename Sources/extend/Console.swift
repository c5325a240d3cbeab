import Foundation
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
      FileHandle.standardError.write(Data("extend: \(text)\n".utf8))
      state.isOpen = false
    }
  }

  /// Seconds since something was last written.
  static var silence: Double { line.withLock { (ContinuousClock.now - $0.last) / .seconds(1) } }

  private static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
