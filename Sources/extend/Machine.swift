import Foundation
import TensorCore

/// What this machine has.
enum Machine {
  /// Bytes of memory.
  static var memory: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

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

  /// Floating-point operations a second of a large product, the best of a second.
  static func productRate() -> Double {
    let n = 1536, a = Tensor(Shape(n, n), [Float](repeating: 0.5, count: n * n)), start = ContinuousClock.now
    var best = Double.infinity
    repeat {
      let begin = ContinuousClock.now
      _ = Tensor.matmul(a, a)
      best = min(best, (ContinuousClock.now - begin) / .seconds(1))
    } while ContinuousClock.now - start < .seconds(1)
    return 2 * Double(n * n * n) / best
  }
}
