import Foundation
import Testing
import Tokenization

/// Damaged tokenizer files: refused with a message or read, never a crash, a hang, or memory far beyond the file's size.
///
/// EXTEND_FUZZ_COUNT sets the number of mutations of each format, EXTEND_FUZZ_SEED the first seed. Each mutation depends
/// on its seed only, which a failure names.
@Suite(.serialized) struct FuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let count = Int(environment["EXTEND_FUZZ_COUNT"] ?? "") ?? 400
  private static let firstSeed = UInt64(environment["EXTEND_FUZZ_SEED"] ?? "") ?? 1

  /// What turns up in files that somebody made to break readers.
  private static let fragments: [[UInt8]] = [
    "[", "{", "]", "}", "\"", "\\", ",", ":", "null", "true", "-1", "0", "1e400", "2147483647", "99999999999999999999",
    "\\ud800", "\\u0000", "\\udc00\\ud800", "\u{2581}", "\u{FEFF}", "\u{0}", "\"\":0,", "[\"a\",\"b\"],", "\"a b\",",
    "<0x00>", "NFC", "Metaspace", "\"type\":\"Sequence\"", "\"id\":700,", String(repeating: "[", count: 300),
    String(repeating: "{\"a\":", count: 100), String(repeating: "[],", count: 500),
  ].map { Array($0.utf8) }

  private static func mutated(_ source: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
    var bytes = source
    for _ in 0...generator.next(below: 4) where !bytes.isEmpty {
      let place = generator.next(below: bytes.count)
      let end = min(bytes.count, place + 1 + generator.next(below: 64))
      switch generator.next(below: 8) {
      case 0: bytes[place] ^= 1 << UInt8(generator.next(below: 8))
      case 1: bytes[place] = UInt8(generator.next(below: 256))
      case 2: bytes.removeSubrange(place..<end)
      case 3: bytes.insert(contentsOf: bytes[place..<end], at: generator.next(below: bytes.count))
      case 4: bytes.insert(contentsOf: fragments[generator.next(below: fragments.count)], at: place)
      case 5: bytes.replaceSubrange(place..<end, with: fragments[generator.next(below: fragments.count)])
      case 6: bytes.removeLast(bytes.count - place)
      default: bytes.swapAt(place, generator.next(below: bytes.count))
      }
    }
    return bytes
  }

  /// The text that mutations of which little is left are encoded with.
  private static let text = "Hello  wörld <|im_end|> 123\n\u{301} ▁x 漢字 </s>"

  fileprivate static func run(
    _ sources: [[UInt8]], _ read: ([UInt8]) throws -> TokenizerDescription
  ) {
    var refused = 0
    var memory = MemoryMeter()
    for index in 0..<count {
      var generator = SplitMix(state: firstSeed &+ UInt64(index))
      let source = sources[index % sources.count]
      let bytes = mutated(source, &generator)
      memory.begin()
      do {
        let tokenizer = try Tokenizer(try read(bytes))
        let ids = tokenizer.encode(text, parsingSpecials: true)
        _ = tokenizer.decode(ids, keepingSpecials: true)
        // The longest mutation is a small one of a small file; the allowance is what the allocator takes at once.
        #expect(memory.growth < 4 * bytes.count + 3_000_000, "seed \(firstSeed &+ UInt64(index))")
      } catch {
        refused += 1
        #expect(!"\(error)".isEmpty && "\(error)".utf8.count < 2000, "seed \(firstSeed &+ UInt64(index))")
        #expect(memory.growth < 4 * bytes.count + 3_000_000, "seed \(firstSeed &+ UInt64(index)): \(error)")
      }
    }
    #expect(refused > count / 3 && refused < count)
  }

  // Each in a process of its own, whose memory nothing else moves.

  @Test func mutatedTokenizerJSON() async {
    await #expect(processExitsWith: .success) {
      let sources = try HuggingFaceFixture.all.map { try HuggingFaceFixture($0).json }
      FuzzTests.run(sources) { try TokenizerDescription(tokenizerJSON: $0) }
    }
  }

  @Test func mutatedConfigurations() async {
    await #expect(processExitsWith: .success) {
      let fixture = try HuggingFaceFixture("llama-3")
      let name = "tokenizer_config.json"
      let source = Array(try Data(contentsOf: fixture.folder.appending(path: name)))
      FuzzTests.run([source]) { try TokenizerDescription(tokenizerJSON: fixture.json, configurations: [(name, $0)]) }
    }
  }

  @Test func mutatedTokenizerModels() async {
    await #expect(processExitsWith: .success) {
      FuzzTests.run([ModelFiles.sentencePiece, ModelFiles.tiktoken]) { try TokenizerDescription(tokenizerModel: $0) }
    }
  }
}

/// How much the process's memory has grown at its highest; Linux only, elsewhere always 0.
private struct MemoryMeter {
  private var before = 0

  mutating func begin() {
    // "5" makes the highest size start again from the present one.
    if let handle = FileHandle(forWritingAtPath: "/proc/self/clear_refs") {
      handle.write(Data("5".utf8))
      try? handle.close()
    }
    before = Self.highest
  }

  var growth: Int { Self.highest - before }

  private static var highest: Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM") })
    else { return 0 }
    return (Int(line.filter(\.isNumber)) ?? 0) * 1024
  }
}

/// Steele, Lea and Flood 2014.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func next(below limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
