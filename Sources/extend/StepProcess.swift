import Benchmark
import Foundation
import Kernels

/// A training step measured by another process of this program, whose memory is that of the step alone.
struct StepProcess {
  /// What says whose shape is measured.
  var shape: [String]
  var length: Int
  var precision: Precision
  var steps: Int
  var memory: StepMemoryOptions

  /// - Throws: `InputError` when the process fails or is killed.
  func run() throws -> StepTime {
    let process = Process(), output = Pipe()
    process.executableURL = URL(filePath: Bundle.main.executablePath ?? CommandLine.arguments[0])
    process.arguments =
      ["bench", "--here", "--lengths", "\(length)", "--precision", precision.rawValue, "--steps", "\(steps)"]
      + ["--threads", "\(Parallel.threadCount)"] + shape + memory.arguments
    process.standardOutput = output
    do { try process.run() } catch { throw failure("could not be started: \(error.localizedDescription)") }
    let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    if process.terminationReason == .uncaughtSignal {
      let isKill = process.terminationStatus == SIGKILL
      throw failure(
        "ended by signal \(process.terminationStatus)"
          + (isKill ? ", as the system does when memory runs out; choose shorter --lengths" : ""))
    }
    guard process.terminationStatus == 0, let time = try? JSONDecoder().decode(StepTime.self, from: data) else {
      throw failure("ended with code \(process.terminationStatus); its message stands above")
    }
    return time
  }

  private func failure(_ what: String) -> InputError {
    InputError("the training step of \(length) tokens in \(precision.rawValue) \(what)")
  }
}
