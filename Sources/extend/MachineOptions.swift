import ArgumentParser
import Kernels

/// How a command uses the machine.
struct MachineOptions: ParsableArguments {
  @Option(help: "Threads to compute with. The result has the same bits for any number. (default: one per processor)")
  var threads: Int?

  func validate() throws {
    try require("--threads", threads, in: 1...1024)
  }

  func apply() {
    if let threads { Parallel.threadCount = threads }
  }
}
