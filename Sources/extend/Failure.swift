import ArgumentParser
import AtomicFiles
import RecipeFormat
import Training

/// What the program's exit codes say.
enum Outcome: Int32 {
  case done = 0
  case usage = 2
  case badInput = 3
  case interrupted = 4
  case stopped = 5

  /// Which kind of failure an error is.
  init(of error: any Error) {
    self =
      switch error {
      case is UsageError, is RecipeError: .usage
      case is TrainingError, is GateFailure: .stopped
      default: .badInput
      }
  }
}

/// A request that cannot be carried out as it was made.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A file that cannot be used.
struct InputError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Runs a command's body; an error becomes one message on standard error and an exit code.
func reportingFailures(_ body: () throws -> Outcome) throws -> Never {
  var outcome: Outcome
  do {
    outcome = try body()
  } catch {
    Console.error(FileError.reason(of: error))
    outcome = Outcome(of: error)
  }
  if let failure = Console.failure {
    Console.error("standard output could not be written to, so what it holds is not whole: \(failure)")
    if outcome == .done { outcome = .badInput }
  }
  throw ExitCode(outcome.rawValue)
}
