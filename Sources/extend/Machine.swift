import Foundation
import LlamaModel

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
}

extension LlamaConfiguration {
  /// Bytes of the keys and values of so many tokens, in Float; 2⁶² for what is more than that.
  func keyValueCacheBytes(context: Int) -> Int {
    Int(min(8 * Double(layerCount) * Double(context) * Double(keyHeadCount * headSize), 0x1p62))
  }
}
