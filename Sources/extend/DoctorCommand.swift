import ArgumentParser
import Benchmark
import Foundation
import Kernels
import Metrics

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Shows processor, BLAS core, threads, memory and disk, with a measured rate and advice.")
  @OptionGroup var machine: MachineOptions

  func run() throws {
    try reportingFailures {
      machine.apply()
      let features = Machine.processorFeatures
      Console.print("processor     \(Machine.processorName)")
      Console.print("kernels for   \(InstructionSet.best)")
      Console.print("features      \(features.isEmpty ? "unknown" : features.joined(separator: " "))")
      Console.print("threads       \(Parallel.threadCount)")
      let available = ProgressFormat.bytes(Machine.availableMemory), memory = ProgressFormat.bytes(Machine.memory)
      Console.print("memory        \(available) available of \(memory)")
      Console.print("disk here     \(ProgressFormat.bytes(Machine.freeDisk(at: "."))) free")
      Console.print("BLAS          \(Kernel.blasConfiguration)")
      Console.print("BLAS core     \(Kernel.blasCore)")
      let one = Self.rate(threads: 1), all = Self.rate(threads: Parallel.threadCount)
      let rates = String(format: "%.0f GFLOP/s on one thread, %.0f on %d", one, all, Parallel.threadCount)
      Console.print("fp32 product  \(rates)")
      if let advice = Machine.blasAdvice { Console.print("advice        \(advice)") }
      if all < 1.3 * one, Parallel.threadCount > 1 {
        Console.print("advice        more threads bring little: something else uses the processor")
      }
      return .done
    }
  }

  /// GFLOP/s of a large product.
  private static func rate(threads: Int) -> Double {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = threads
    return Ceilings.productRate(.fp32, seconds: 1) / 1e9
  }
}
