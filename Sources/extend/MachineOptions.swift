import ArgumentParser
import Kernels

/// How a command uses the machine.
struct MachineOptions: ParsableArguments {
  @Option(help: "Threads to compute with. The result has the same bits for any number. (default: one per processor)")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be 1 to 1024, got \(threads)")
    }
  }

  func apply() {
    if let threads { Parallel.threadCount = threads }
  }
}
