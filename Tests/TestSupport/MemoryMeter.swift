import Foundation

/// How much the process's memory has grown at its highest; Linux only, elsewhere always 0.
public struct MemoryMeter {
  private var before = 0
  public init() {}

  /// glibc's `malloc_trim`, which its module map leaves out; without it memory that was used before would not count.
  private static let giveBack = dlsym(nil, "malloc_trim").map {
    unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
  }

  /// Gives back what is free, and counts from now on.
  public mutating func begin() {
    _ = Self.giveBack?(0)
    // "5" makes the highest size start again from the present one.
    if let handle = FileHandle(forWritingAtPath: "/proc/self/clear_refs") {
      handle.write(Data("5".utf8))
      try? handle.close()
    }
    before = Self.highest
  }

  /// Bytes, in whole pages.
  public var growth: Int { Self.highest - before }

  private static var highest: Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM") })
    else { return 0 }
    return (Int(line.filter(\.isNumber)) ?? 0) * 1024
  }
}
