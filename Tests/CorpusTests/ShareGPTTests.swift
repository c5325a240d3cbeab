import Foundation
import Testing
import Tokenization

@testable import Corpus

/// With the published ShareGPT file: EXTEND_SHAREGPT names it, cut off or not.
///
/// EXTEND_TOKENIZER_JSON (a tokenizer as Scripts/make-tokenizer-fixtures.py writes it) adds the whole way to sequences.
@Suite(.serialized) struct ShareGPTTests {
  static let path = ProcessInfo.processInfo.environment["EXTEND_SHAREGPT"]
  static let tokenizerPath = ProcessInfo.processInfo.environment["EXTEND_TOKENIZER_JSON"]

  /// The most memory this process has held, in bytes.
  private var peakMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
    return (Int(line.filter(\.isNumber)) ?? 0) * 1024
  }

  @Test(.enabled(if: path != nil)) func theWholeFileStreamsFastInLittleMemory() throws {
    let path = Self.path ?? ""
    let before = peakMemory
    let reader = try ConversationReader(file: path)
    var ids: [String] = []
    var longest = 0
    let time = try ContinuousClock().measure {
      while let conversation = try reader.next() {
        ids.append(conversation.id)
        longest = max(longest, conversation.turns.count)
      }
    }
    let report = reader.report
    let rate = Double(report.bytes) / 1e6 / (time / .seconds(1))
    print("measured: \(report.bytes) bytes in \(time), \(rate) MB/s, \(report.records) records, \(report.turns) turns")
    print("measured: \(report.issueCounts), ending \(report.ending)")
    print("measured: peak memory \(before / 1_000_000) MB before, \(peakMemory / 1_000_000) MB after")
    #expect(peakMemory < 500_000_000)
    #expect(report.records > 10_000 && report.issueCounts["syntax"] == nil && longest > 50)
    var counts = ConversationJoining.Counts()
    let chats = Array(ChatGrouping(ids, &counts))
    #expect(chats.count < ids.count && counts.runningCounts == 0)
  }

  @Test(.enabled(if: path != nil && tokenizerPath != nil)) func theWholeFileBecomesSequences() throws {
    struct Description: Decodable {
      var pre: String, tokens: [String], types: [Int32], merges: [String]
      var bos: TokenID?, eos: TokenID?
    }
    let json = try Data(contentsOf: URL(filePath: Self.tokenizerPath ?? ""))
    let vocabulary = try JSONDecoder().decode(Description.self, from: json)
    let tokenizer = try Tokenizer(
      TokenizerDescription(
        model: .byteLevelBPE(PreTokenizer(ggufName: vocabulary.pre)), tokens: vocabulary.tokens,
        tokenTypes: vocabulary.types.map { TokenType(rawValue: $0) ?? .normal }, merges: vocabulary.merges,
        bos: vocabulary.bos, eos: vocabulary.eos, padding: vocabulary.eos))
    let folder = try TemporaryFolder()
    let builder = try CorpusBuilder(
      files: [Self.path ?? ""], tokenizer: tokenizer, template: Toy.chatML, cacheFolder: folder.path)
    var corpus: Corpus?
    let clock = ContinuousClock()
    let building = try clock.measure { corpus = try builder.build(heldOutShare: 0.01) }
    let made = try #require(corpus)
    print("measured: built in \(building), peak memory \(peakMemory / 1_000_000) MB\n\(made.report)")
    print("measured: used again in \(try clock.measure { _ = try builder.build(heldOutShare: 0.01) })")
    let report = made.report
    #expect(report.joining.gaps == 0 && report.joining.repeatedTurns > 6000)
    #expect(report.encoding.endedTurns == report.encoding.assistantTurns)
    for context in [2048, 65_536] {
      let plan = try made.plan(
        contextLength: context, seed: 1, stage: 0, options: PackingOptions(overLength: .split))
      #expect(plan.report.usedTokens + plan.report.lostTokens == plan.report.tokens)
      let index = plan.sequencesPerEpoch - 1
      var sequence: PackedSequence?
      let reading = try clock.measure { sequence = try made.sequence(at: index, of: plan) }
      print("measured: context \(context): \(plan.report), last sequence read in \(reading)")
      #expect(sequence?.tokens.count == context && sequence?.labels.contains { $0 >= 0 } == true)
    }
  }
}
