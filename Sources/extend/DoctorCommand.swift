import ArgumentParser
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
      let features = Self.processorFeatures, core = Kernel.blasCore
      Console.print("processor     \(Self.processorName)")
      Console.print("features      \(features.isEmpty ? "unknown" : features.joined(separator: " "))")
      Console.print("threads       \(Parallel.threadCount)")
      let available = ProgressFormat.bytes(Machine.availableMemory), memory = ProgressFormat.bytes(Machine.memory)
      Console.print("memory        \(available) available of \(memory)")
      Console.print("disk here     \(ProgressFormat.bytes(Machine.freeDisk(at: "."))) free")
      Console.print("BLAS          \(Kernel.blasConfiguration)")
      Console.print("BLAS core     \(core)")
      let one = Self.rate(threads: 1), all = Self.rate(threads: Parallel.threadCount)
      let rates = String(format: "%.0f GFLOP/s on one thread, %.0f on %d", one, all, Parallel.threadCount)
      Console.print("fp32 product  \(rates)")
      if features.contains("avx512f"), ["Haswell", "Zen", "Sandybridge", "Nehalem", "Prescott"].contains(core) {
        Console.print(
          "advice        this processor has AVX-512 but OpenBLAS computes for \(core), about half as fast; "
            + "unset OPENBLAS_CORETYPE unless you need it")
      }
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
    return Machine.productRate() / 1e9
  }

  private static func processorLine(_ key: String) -> String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static var processorName: String { processorLine("model name") ?? "unknown" }

  private static var processorFeatures: [String] {
    let known = ["avx2", "fma", "avx512f", "avx512_bf16", "avx512_fp16", "amx_bf16", "asimd", "bf16"]
    let present = Set(
      (processorLine("flags") ?? processorLine("Features") ?? "").split(separator: " ").map(String.init))
    return known.filter(present.contains)
  }
}
