import ArgumentParser
import Foundation

/// What the program's exit codes say.
enum Outcome: Int32 {
  case done = 0
  case usage = 2
  case badInput = 3
  case interrupted = 4
  case stopped = 5
}

/// Runs a command's body; an error becomes one message on standard error and an exit code.
func reportingFailures(_ body: () throws -> Outcome) throws -> Never {
  var outcome: Outcome
  do {
    outcome = try body()
  } catch let error as ExitCode {
    throw error
  } catch let error as any Error & CustomStringConvertible {
    Console.error("\(error)")
    outcome = exitCode(of: error)
  } catch {
    Console.error(error.localizedDescription)
    outcome = .badInput
  }
  if let failure = Console.failure {
    Console.error(
      "standard output cannot be written: \(failure); a part of what was printed is lost. Free space there, or send the "
        + "output elsewhere")
    if outcome == .done { outcome = .badInput }
  }
  throw ExitCode(outcome.rawValue)
}
