import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: the first asks the run to stop at the next safe place, the second ends the process.
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
    sources.withLock { sources in
      guard sources.isEmpty else { return }
      for number in [SIGINT, SIGTERM] {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
          if requests.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(Outcome.interrupted.rawValue) }
          Console.print(notice)
        }
        source.resume()
        sources.append(source)
      }
    }
  }

  private static let endsPart = Atomic<Bool>(false)

  /// Does something that Ctrl-C ends, such as an answer; a second Ctrl-C, and one at another time, ends the process.
  ///
  /// - Parameter body: is given what to ask whether it may go on; cheap enough to be asked after each token.
  static func endingPart<Result>(_ body: (_ goesOn: () -> Bool) throws -> Result) rethrows -> Result {
    endsPart.store(false, ordering: .relaxed)
    let before = signal(SIGINT) { _ in
      Interruption.endsPart.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
    defer { signal(SIGINT, before) }
    return try body { !endsPart.load(ordering: .relaxed) }
  }

  /// Leaves, where nothing has to be saved.
  static func check() throws(Interrupted) {
    if isRequested { throw Interrupted() }
  }
}

/// Somebody asked the run to stop, and everything is saved.
struct Interrupted: Error {}
