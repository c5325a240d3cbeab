import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: the first asks the run to stop at the next safe place, the second ends the process. Or, where parts
/// can be ended, Ctrl-C alone: the first ends the part, the second the process.
enum Interruption {
  private static let requests = Atomic<Int>(0)
  private static let sources = Mutex<[any DispatchSourceSignal]>([])

  static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

  /// Listens from now on.
  ///
  /// - Parameter notice: what is said when the first request comes.
  static func listen(
    _ notice: String = "stopping after this step, then saving; Ctrl-C again stops at once (the last checkpoint stays)"
  ) {
    handle([SIGINT, SIGTERM]) {
      if requests.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(Outcome.interrupted.rawValue) }
      Console.print(notice)
    }
  }

  /// Of what `endingPart` does.
  private enum Part {
    static let none = 0, goesOn = 1, isEnded = 2
  }
  private static let part = Atomic<Int>(Part.none)

  /// Listens from now on for Ctrl-C that ends parts: during one it ends that, at other times, or again, the process.
  static func listenForParts() {
    handle([SIGINT]) {
      let (isFirst, _) = part.compareExchange(
        expected: Part.goesOn, desired: Part.isEnded, ordering: .relaxed)
      if isFirst { return }
      Console.print()
      _exit(Outcome.interrupted.rawValue)
    }
  }

  /// Does something that Ctrl-C ends, such as an answer.
  ///
  /// - Parameter body: is given what to ask whether it may go on; cheap enough to be asked after each token.
  static func endingPart<Result>(_ body: (_ goesOn: () -> Bool) throws -> Result) rethrows -> Result {
    part.store(Part.goesOn, ordering: .relaxed)
    defer { part.store(Part.none, ordering: .relaxed) }
    return try body { part.load(ordering: .relaxed) == Part.goesOn }
  }

  private static func handle(_ signals: [Int32], _ handler: @escaping @Sendable () -> Void) {
    sources.withLock { sources in
      guard sources.isEmpty else { return }
      for number in signals {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler(handler: handler)
        source.resume()
        sources.append(source)
      }
    }
  }

  /// Leaves, where nothing has to be saved.
  static func check() throws(Interrupted) {
    if isRequested { throw Interrupted() }
  }
}

/// Somebody asked the run to stop, and everything is saved.
struct Interrupted: Error {}
