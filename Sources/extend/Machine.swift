import Foundation
import Kernels
import Metrics

/// What this machine has.
enum Machine {
  /// Bytes of memory.
  static var memory: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

  /// Bytes a plan may use: a twelfth is left to the system.
  static var usableMemory: Int { memory / 12 * 11 }

  /// Refuses what needs more memory than there is.
  ///
  /// - Parameters:
  ///   - what: needs it.
  ///   - repair: what the user may do, with the option's name.
  static func checkMemory(_ bytes: Int, for what: String, otherwise repair: String) throws(UsageError) {
    if bytes > memory {
      throw UsageError(
        "\(what) takes \(ProgressFormat.bytes(bytes)) of memory with the weights, this machine has "
          + "\(ProgressFormat.bytes(memory)); \(repair)")
    }
  }

  /// Bytes that can be used without swapping, as the kernel estimates.
  static var availableMemory: Int {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
      let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return memory }
    return kilobytes * 1024
  }

  /// Free bytes on the disk of a path that exists.
  static func freeDisk(at path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
    return (attributes?[.systemFreeSize] as? NSNumber)?.intValue ?? 0
  }

  /// Names this build of the program: its version, and when its file was made.
  static var program: String {
    let path = Bundle.main.executablePath ?? CommandLine.arguments[0]
    let date = (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    return "\(Extend.version) \(Int(date?.timeIntervalSince1970 ?? 0))"
  }

  /// The processor's own name for itself.
  static var processorName: String { processorLine("model name") ?? "unknown processor" }

  /// Those of the processor's features that matter here.
  static var processorFeatures: [String] {
    let known = ["avx2", "fma", "avx512f", "avx512_bf16", "avx512_fp16", "amx_bf16", "asimd", "bf16"]
    let present = Set(
      (processorLine("flags") ?? processorLine("Features") ?? "").split(separator: " ").map(String.init))
    return known.filter(present.contains)
  }

  /// What to say when OpenBLAS computes for a smaller processor than this one; nil when all is well.
  static var blasAdvice: String? {
    let core = Kernel.blasCore
    guard processorFeatures.contains("avx512f"),
      ["Haswell", "Zen", "Sandybridge", "Nehalem", "Prescott"].contains(core)
    else { return nil }
    return "this processor has AVX-512 but OpenBLAS computes for \(core), about half as fast; "
      + "unset OPENBLAS_CORETYPE unless you need it"
  }

  private static func processorLine(_ key: String) -> String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
