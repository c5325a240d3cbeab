import Foundation

/// Readers fed with damaged files: each is refused with a message or read, without a crash, a hang, or more memory than
/// four times its size.
///
/// `EXTEND_FUZZ_COUNT` sets the number of inputs of each format, `EXTEND_FUZZ_SEED` the first seed. An input depends on
/// its seed alone, which a failure names.
public enum Fuzzing {
  private static let environment = ProcessInfo.processInfo.environment
  private static let firstSeed = environment["EXTEND_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

  /// What went wrong, and with which seed.
  private struct Failure: Error, CustomStringConvertible {
    var description: String
    init(description: String) {
      self.description = description
      try? Fuzzing.report(description)
    }
  }

  /// What the allocator takes at once, and a piece of a tensor that is looked through.
  private static let allowance = 3_000_000

  /// Feeds `read` with inputs.
  ///
  /// - Parameters:
  ///   - usual: how many without the environment variable.
  ///   - refusals: the share of inputs that must be refused; all, for formats in which every byte is proven.
  ///   - input: makes the input of one number and its random numbers.
  public static func run(
    _ name: String, usual: Int = 400, refusals: ClosedRange<Double> = 0.3...0.999,
    input: (_ number: Int, _ random: inout SplitMix64) -> [UInt8], read: ([UInt8]) throws -> Void
  ) throws {
    let count = environment["EXTEND_FUZZ_COUNT"].flatMap { Int($0) } ?? usual
    var refused = 0, most = 0, slowest = Duration.zero
    var memory = MemoryMeter()
    func bytes(_ number: Int) -> [UInt8] {
      var random = SplitMix64(seed: firstSeed &+ UInt64(number))
      return input(number, &random)
    }
    // Pages of the program itself come into memory when they are first run, some megabytes that are no file's.
    for number in 0..<min(count, 20) { _ = try? read(bytes(number)) }
    for number in 0..<count {
      let seed = firstSeed &+ UInt64(number), bytes = bytes(number)
      memory.begin()
      let started = ContinuousClock.now
      do { try read(bytes) } catch {
        refused += 1
        let message = "\(error)"
        if message.isEmpty || message.utf8.count > 2000 {
          throw Failure(description: "\(name), seed \(seed): a message of \(message.utf8.count) bytes")
        }
      }
      slowest = max(slowest, started.duration(to: .now))
      most = max(most, memory.growth - 4 * bytes.count)
      if memory.growth > 4 * bytes.count + allowance {
        throw Failure(description: "\(name), seed \(seed): \(memory.growth) bytes for a file of \(bytes.count)")
      }
    }
    try report("\(name): \(count) inputs, \(refused) refused, at most 4 × size + \(most) bytes, slowest \(slowest)")
    if !refusals.contains(Double(refused) / Double(max(1, count))) {
      throw Failure(description: "\(name): \(refused) of \(count) inputs were refused")
    }
  }

  /// Reads one hostile file by its path, which must be possible, and measures what it takes beside its own mapped pages.
  public static func measure(_ name: String, _ bytes: [UInt8], read: (String) throws -> Void) throws {
    try withTemporaryDirectory { folder in
      try Data(bytes).write(to: URL(filePath: folder + "/hostile"))
      var memory = MemoryMeter()
      memory.begin()
      try read(folder + "/hostile")
      let growth = max(0, memory.growth - bytes.count)
      try report("\(name), \(bytes.count) bytes: \(growth) bytes of memory")
      if growth > 4 * bytes.count + allowance {
        throw Failure(description: "\(name): \(growth) bytes for a file of \(bytes.count)")
      }
    }
  }

  /// Adds a line to the file that `EXTEND_FUZZ_REPORT` names, since nobody sees what a test's own process prints.
  private static func report(_ line: String) throws {
    guard let path = environment["EXTEND_FUZZ_REPORT"] else { return }
    if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    defer { try? file.close() }
    try file.seekToEnd()
    try file.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Changes bytes, takes some out, doubles some, puts `fragments` in, or cuts the rest off.
  public static func damaged(_ source: [UInt8], fragments: [[UInt8]], using random: inout SplitMix64) -> [UInt8] {
    var bytes = source
    for _ in 0...Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &random)
      let piece = place..<min(bytes.count, place + Int.random(in: 1...64, using: &random))
      let fragment = fragments.randomElement(using: &random) ?? []
      switch Int.random(in: 0..<8, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.removeSubrange(piece)
      case 3: bytes.insert(contentsOf: bytes[piece], at: Int.random(in: bytes.indices, using: &random))
      case 4: bytes.insert(contentsOf: fragment, at: place)
      case 5: bytes.replaceSubrange(piece, with: fragment)
      case 6: bytes.removeLast(bytes.count - place)
      default: bytes.swapAt(place, Int.random(in: bytes.indices, using: &random))
      }
    }
    return bytes
  }

  /// What turns up in JSON that somebody made to break readers.
  public static let jsonFragments: [[UInt8]] = [
    "[", "{", "]", "}", "\"", "\\", ",", ":", "null", "true", "-1", "0", "1e400", "2147483647", "99999999999999999999",
    "\\ud800", "\\u0000", "\\udc00\\ud800", "\u{2581}", "\u{FEFF}", "\u{0}", "\"\":0,", "[\"a\",\"b\"],", "\"a b\",",
    "<0x00>", "NFC", "Metaspace", "\"type\":\"Sequence\"", "\"id\":700,", String(repeating: "[", count: 300),
    String(repeating: "{\"a\":", count: 100), String(repeating: "[],", count: 500),
  ].map { Array($0.utf8) }

  /// A number that readers go wrong with, near `present` or near a limit.
  public static func number(near present: UInt64, size: Int, using random: inout SplitMix64) -> UInt64 {
    let numbers: [UInt64] = [
      0, 1, 2, 255, 1 << 16, 1 << 20, 1 << 30, 1 << 30 + 1, 1 << 31, 1 << 32 - 1, 1 << 32, 1 << 62, 1 << 63, .max,
      present &+ 1, present &- 1, present &* 2, present / 2, UInt64(size), UInt64.random(in: 0..<32, using: &random),
    ]
    return numbers.randomElement(using: &random) ?? 0
  }
}
