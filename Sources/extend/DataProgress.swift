import Corpus
import Logging
import Metrics

/// Shows on a terminal how far a data command is: megabytes, rate and time left.
final class DataProgress {
  private var phase = ""
  private var began = ContinuousClock.now
  private var shown = ContinuousClock.now - .seconds(1)

  func show(_ event: CorpusProgress) {
    switch event {
    case .reading(let file, let bytes, let all, let count):
      show("reading \(file)", bytes, of: all, "\(count) conversations")
    case .preparing(let records, let all, let bytes, let allBytes):
      show("looking through the records", bytes, of: allBytes, "\(records) of \(all) records")
    case .notice(let text): log.notice("\(text)")
    case .reused, .encoding, .waiting: Console.progress("\(event)")
    }
  }

  private func show(_ phase: String, _ bytes: Int, of all: Int, _ rest: String) {
    let now = ContinuousClock.now
    if phase != self.phase { (self.phase, began) = (phase, now) }
    guard Console.isTerminal, now - shown > .milliseconds(100) || bytes >= all else { return }
    shown = now
    let seconds = (now - began) / .seconds(1)
    let rate = seconds > 0 ? Double(bytes) / seconds : 0
    let left = rate > 0 ? Double(all - bytes) / rate : .nan
    Console.progress(
      "\(phase)  \(bytes / 1_000_000) of \(all / 1_000_000) MB  \(Int(rate / 1e6)) MB/s  "
        + "ETA \(ProgressFormat.duration(left))  \(rest)")
  }
}
