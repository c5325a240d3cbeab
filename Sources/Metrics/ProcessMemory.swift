import Foundation

/// What the system counts of this process's memory.
public enum ProcessMemory {
  /// The largest resident memory so far, in bytes, from `/proc/self/status`; nil where the system has no such file.
  public static func peakResidentBytes() -> Int? {
    guard let bytes = FileManager.default.contents(atPath: "/proc/self/status") else { return nil }
    return peakResidentBytes(status: String(decoding: bytes, as: UTF8.self))
  }

  /// Reads the line `VmHWM: <number> kB`, where kB means 1,024 bytes (proc(5)).
  static func peakResidentBytes(status: String) -> Int? {
    for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard words.count == 3, words[2] == "kB", let kibibytes = Int(words[1]) else { return nil }
      return kibibytes * 1_024
    }
    return nil
  }
}
