import Foundation
import TestSupport
import TextCleaning
import Testing

@testable import Corpus

/// Random damage to JSON, JSON Lines, plain text and gzip: never a crash or a hang, always records or an error of ours.
///
/// `EXTEND_FUZZ_COUNT` sets how many inputs are tried; the default is 2,000. The same count gives the same inputs.
@Suite struct DataFuzzTests {
  static let count = ProcessInfo.processInfo.environment["EXTEND_FUZZ_COUNT"].flatMap { Int($0) } ?? 2000

  private static let records = [
    #"{"id": "a_0", "plugins": [1], "conversations": [{"from": "human", "value": "Gr\u00fc\u00dfe \ud83d\ude00"}, {"from": "gpt", "value": "<p>Hello &amp; <b>you</b></p>"}]}"#,
    #"{"id": "a_2", "conversations": [{"from": "human", "value": "q"}, {"from": "bing", "value": "```pyCopy code1\n```"}]}"#,
    #"{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": [{"type": "text", "text": "x"}]}, {"role": "assistant", "content": "y", "weight": 0}], "tools": [{"a": [1, 2.5e3, true, null]}]}"#,
    #"{"messages": [{"role": "assistant", "content": null, "tool_calls": [{"id": 1}]}, {"role": "tool", "content": "r"}]}"#,
    #"{"id": 7, "data": ["question", "answer", " ", "1. a\n1. b 1111111111"]}"#,
    #"{"instruction": "Do", "input": "it", "output": "done"}"#, #"{"text": "wörter <|endoftext|>\n\nmehr"}"#,
  ]
  private static let seeds: [[UInt8]] = {
    let lines = Array(records.joined(separator: "\n").utf8)
    let array = Array(("[" + records.joined(separator: ",\n ") + "]").utf8)
    let text = Array("Prose, 日本語 and more.\n\nA second part <|endoftext|> and a third.\n".utf8)
    return [lines, array, text, gzipped(lines), gzipped(array) + gzipped(text)]
  }()
  /// Pieces that mean something to a parser.
  private static let pieces: [[UInt8]] =
    [
      "[", "]", "{", "}", ",", ":", "\"", "\\", "\\ud83d", "\\u0000", "null", "1e999", "-", "\n", "\u{feff}",
      "[[[[[[[[", "{\"a\":",
    ]
    .map { Array($0.utf8) } + [[0], [0xff], [0x1f, 0x8b, 8], [0xe2, 0x82]]

  private static func damaged(_ random: inout SplitMix64) -> [UInt8] {
    var bytes = seeds.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &random)
      let run = place..<min(place + Int.random(in: 1...40, using: &random), bytes.count)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.removeSubrange(place...)
      case 3: bytes.removeSubrange(run)
      case 4: bytes.insert(contentsOf: bytes[run], at: place)
      case 5: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
      case 6: bytes += seeds.randomElement(using: &random)?.prefix(300) ?? []
      default:
        let piece = pieces.randomElement(using: &random) ?? []
        bytes.insert(contentsOf: repeatElement(piece, count: 300).joined(), at: place)
      }
    }
    return bytes
  }

  @Test func damagedFilesGiveRecordsOrAnErrorOfOurs() throws {
    let folder = try TemporaryFolder()
    var random = SplitMix64(seed: 11)
    var cleaner = Cleaner(
      CleaningOptions(
        rules: RuleGroup.all.rules.filter { $0 != .exactDuplicates && $0 != .duplicateIDs && $0 != .duplicateOpenings },
        skippedLanguages: [.german], splitLength: 16), length: { $0.utf8.count })
    var refused = 0, conversations = 0, broken = 0
    let started = ContinuousClock.now
    for round in 0..<Self.count {
      let bytes = Self.damaged(&random)
      let path = try folder.file("x", bytes)
      let layout = TextLayout.allCases[round % 3]
      do {
        let reader = try ConversationReader(file: path, text: layout)
        var found: [Conversation] = []
        while let next = try reader.next() { found.append(next) }
        let report = reader.report
        #expect(report.records >= report.conversations && report.conversations == found.count)
        #expect(report.records <= report.bytes)
        let source = try SourceFile(path: path).unpacked(in: folder.path)
        for conversation in found {
          #expect(
            try ConversationReader.conversation(at: conversation.location, in: source, format: report.format)
              == conversation)
        }
        var written: [UInt8] = []
        for part in found.flatMap({ cleaner.clean([$0])[0] }) { ConversationForm.openAI.append(part, to: &written) }
        if !written.isEmpty {
          let again = try readAll(folder.file("y", written)).report
          #expect(again.ending == .whole && again.format == .lines && again.issueCounts["syntax"] == nil)
        }
        conversations += found.count
        broken += report.ending == .whole ? 0 : 1
      } catch let error as CorpusError {
        #expect(error.file == path && !error.found.isEmpty && !error.repair.isEmpty)
        refused += 1
      }
    }
    print(
      "measured: \(Self.count) damaged files in \(ContinuousClock.now - started): \(conversations) conversations read, "
        + "\(broken) files broken or cut off, \(refused) refused")
    #expect(conversations > Self.count / 2 && broken > Self.count / 20 && refused > 0)
  }
}
