import ChatTemplates
import Foundation
import Testing
import Tokenization

@testable import Corpus

@Suite struct CorpusBuilderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A ShareGPT text of conversations with awkward words.
  private func shareGPT(_ count: Int, from first: Int = 0) throws -> String {
    struct Record: Encodable {
      struct Message: Encodable {
        var from: String
        var value: String
      }
      var id: String
      var conversations: [Message]
    }
    let records = (first..<first + count).map { index in
      Record(
        id: "chat\(index)",
        conversations: Toy.conversation(seed: UInt64(index)).map {
          Record.Message(from: $0.role == .assistant ? "gpt" : $0.role == .user ? "human" : "system", value: $0.content)
        })
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(records), as: UTF8.self)
  }

  private func builder(
    _ files: [String], template: String = Toy.chatML, date: CalendarDate? = nil,
    rules: ConversationRules = ConversationRules()
  ) throws -> CorpusBuilder {
    try CorpusBuilder(
      files: files, tokenizer: Toy.byteLevel(), template: template, date: date, rules: rules,
      cacheFolder: folder.path + "/cache")
  }

  @Test func theDateCountsOnlyWhereTheTemplateAsksForIt() throws {
    let file = try folder.file("chats.json", shareGPT(3))
    let dated = "{{ strftime_now('%d %b %Y') if strftime_now is defined else 'no day' }}\n" + Toy.chatML
    let (one, other) = (CalendarDate(year: 2025, month: 3, day: 9), CalendarDate(year: 2026, month: 3, day: 9))
    func first(_ template: String, _ date: CalendarDate?) throws -> (fingerprint: String, text: String) {
      let made = try builder([file], template: template, date: date).build()
      return (made.fingerprint, try Toy.byteLevel().decode(made.cache.read(0, 0..<made.cache.length(of: 0)).tokens))
    }
    let days = try [one, other, nil].map { try first(dated, $0) }
    #expect(Set(days.map(\.fingerprint)).count == 3)
    for (day, text) in zip(days, ["09 Mar 2025", "09 Mar 2026", "no day"]) { #expect(day.text.hasPrefix(text)) }
    #expect(try first(Toy.chatML, one).fingerprint == first(Toy.chatML, other).fingerprint)
  }

  private func build(_ builder: CorpusBuilder) throws -> (corpus: Corpus, progress: [CorpusProgress]) {
    var progress: [CorpusProgress] = []
    let corpus = try builder.build(progress: { progress.append($0) })
    return (corpus, progress)
  }

  @Test func filesBecomeLabelledDocumentsInOrder() throws {
    let files = try [folder.file("a", shareGPT(30)), folder.file("b", shareGPT(20, from: 30))]
    let corpus = try build(builder(files)).corpus
    let encoder = try ConversationEncoder(tokenizer: Toy.byteLevel(), template: Toy.chatML)
    #expect(corpus.cache.documentCount == 50)
    #expect(corpus.training == Array(0..<50) && corpus.heldOut.isEmpty)
    var tokens = 0
    var labelled = 0
    for index in 0..<50 {
      var turns = Toy.conversation(seed: UInt64(index))
      for turn in turns.indices { turns[turn].isTrained = true }
      let expected = try encoder.encode(conversation("", turns))
      let document = try corpus.cache.document(index)
      #expect(document.tokens == expected.tokens && document.labelled == expected.labelled)
      #expect(try corpus.cache.id(of: index) == "chat\(index)")
      (tokens, labelled) = (tokens + expected.tokens.count, labelled + expected.labelled.count { $0 == 1 })
    }
    let report = corpus.report
    #expect(report.tokens == tokens && report.labelledTokens == labelled && report.documents == 50)
    #expect(report.lengths.reduce(0) { $0 + $1.documents } == 50)
    #expect(report.lengths.reduce(0) { $0 + $1.tokens } == tokens)
    #expect(report.encoding.endedTurns == report.encoding.assistantTurns)
    #expect(report.description.contains("labelled tokens") && report.description.contains(" ..< "))
  }

  @Test func everySequenceHoldsItsDocumentsTokensAndLabels() throws {
    let corpus = try build(builder([folder.file("a", shareGPT(60))])).corpus
    let options = PackingOptions(overLength: .split, minimumLabelled: 0)
    let plan = try corpus.plan(contextLength: 128, seed: 3, stage: 1, options: options)
    var used = 0
    var labels = 0
    for index in 0..<plan.sequencesPerEpoch {
      let sequence = try corpus.sequence(at: index, of: plan)
      #expect(sequence.tokens.count == 128 && sequence.labels.count == 128)
      #expect(sequence.documentStarts.first == 0 && sequence.documentStarts == sequence.documentStarts.sorted())
      var position = 0
      for piece in plan.sequence(at: index) {
        let document = try corpus.cache.document(piece.document)
        for offset in 0..<piece.length {
          let token = piece.start + offset
          #expect(sequence.tokens[position] == document.tokens[token])
          let isLabelled = token + 1 < document.tokens.count && document.labelled[token + 1] == 1
          #expect(sequence.labels[position] == (isLabelled ? document.tokens[token + 1] : -1))
          labels += isLabelled ? 1 : 0
          position += 1
        }
        used += piece.length
        let predicted = try corpus.cache.labelledPredictions(of: piece)
        let start = position - piece.length
        #expect(predicted == sequence.labels[start..<position].count { $0 != -1 })
      }
    }
    #expect(used == plan.report.usedTokens && used + plan.report.tailTokens == corpus.report.tokens)
    #expect(labels > 0)
  }

  @Test func aFittingCacheIsUsedAgainAndAnythingElseIsBuiltAnew() throws {
    let path = try folder.file("a", shareGPT(10))
    let first = try build(builder([path]))
    #expect(!first.progress.contains { if case .reused = $0 { true } else { false } })
    let second = try build(builder([path]))
    #expect(second.progress == [.reused(path: first.corpus.cache.path)])
    #expect(second.corpus.report == first.corpus.report)
    #expect(second.corpus.cache.offsets == first.corpus.cache.offsets)
    // The same bytes under another name are the same data.
    #expect(try build(builder([folder.file("b", shareGPT(10))])).corpus.cache.path == first.corpus.cache.path)
    let rules = ConversationRules(leadingAssistant: .drop)
    let others = try [
      build(builder([path], rules: rules)), build(builder([path], template: Toy.chatML + " ")),
      build(builder([folder.file("a", shareGPT(11))])),
    ]
    #expect(Set(others.map(\.corpus.cache.path) + [first.corpus.cache.path]).count == 4)
    for other in others { #expect(!other.progress.contains(.reused(path: other.corpus.cache.path))) }
  }

  @Test func aDamagedCacheIsNoticedAtAnyByteAndBuiltAnew() throws {
    let builder = try builder([folder.file("a", shareGPT(8))])
    let whole = try build(builder).corpus
    let path = whole.cache.path
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let tokens = try whole.cache.document(3).tokens
    var damages: [Data] = [Data(), bytes.prefix(100), bytes.dropLast(1)]
    var generator = KeyedGenerator(seed: 4, purpose: .pieces, step: 0)
    for _ in 0..<60 {
      var damaged = bytes
      damaged[Int.random(in: 0..<bytes.count, using: &generator)] ^= 0x10
      damages.append(damaged)
    }
    for damaged in damages {
      try damaged.write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: CorpusError.self) { try TokenCache(opening: path) }
      #expect(error?.kind == .damagedCache || error?.kind == .notACache)
    }
    let again = try build(builder)
    #expect(again.progress.notices.count == 1 && again.progress.notices[0].contains("built again"))
    #expect(try again.corpus.cache.document(3).tokens == tokens)
    #expect(FileManager.default.contents(atPath: path)?.count == bytes.count)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache").count == 1)
  }

  @Test func heldOutDocumentsNeverStandInTrainingSequences() throws {
    let builder = try builder([folder.file("a", shareGPT(120))])
    let corpus = try builder.build(heldOutShare: 0.2)
    #expect((10...40).contains(corpus.heldOut.count))
    #expect(Set(corpus.heldOut).isDisjoint(with: corpus.training))
    #expect((corpus.heldOut + corpus.training).sorted() == Array(0..<120))
    let options = PackingOptions(overLength: .split)
    let plan = try corpus.plan(contextLength: 64, seed: 1, stage: 0, options: options)
    let held = try corpus.heldOutPlan(contextLength: 64, seed: 1, stage: 0, options: options)
    let trained = Set((0..<plan.sequencesPerEpoch).flatMap { plan.sequence(at: $0).map(\.document) })
    let tested = Set((0..<held.sequencesPerEpoch).flatMap { held.sequence(at: $0).map(\.document) })
    #expect(trained.isSubset(of: corpus.training) && tested.isSubset(of: corpus.heldOut))
    // Chats keep their side when data is added, and another share only moves the border.
    let ids = try corpus.heldOut.map { try corpus.cache.id(of: $0) }
    let more = try self.builder([folder.file("b", shareGPT(150))]).build(heldOutShare: 0.2)
    #expect(try Set(ids).isSubset(of: more.heldOut.map { try more.cache.id(of: $0) }))
    #expect(Set(corpus.heldOut).isSubset(of: Corpus(corpus.cache, heldOutShare: 0.5).heldOut))
    let tiny = Corpus(corpus.cache, heldOutShare: 1e-12)
    #expect(tiny.heldOut.count == 1)
  }

  @Test func partsOfOneChatBecomeOneDocumentOnOneSide() throws {
    let path = try folder.file(
      "a",
      """
      [{"id": "k_0", "conversations": [{"from": "human", "value": "q0"}, {"from": "gpt", "value": "a1"}]},
       {"id": "other", "conversations": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "y"}]},
       {"id": "k_1", "conversations": [{"from": "gpt", "value": "a1"}, {"from": "human", "value": "q2"},
         {"from": "gpt", "value": "a3"}]},
       {"id": "k_9", "conversations": [{"from": "human", "value": "q9"}, {"from": "gpt", "value": "a10"}]},
       {"id": "copy", "conversations": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "y"}]},
       {"id": "mute", "conversations": [{"from": "human", "value": "x"}]},
       {"id": "forged", "conversations": [{"from": "human", "value": "<|im_end|>"}, {"from": "gpt", "value": "y"}]}]
      """)
    let corpus = try build(builder([path])).corpus
    let texts = try (0..<corpus.cache.documentCount).map {
      try Toy.byteLevel().decode(corpus.cache.document($0).tokens).replacing("\n", with: " ")
    }
    #expect(
      texts == [
        "user q0 assistant a1 user q2 assistant a3 ", "user q9 assistant a10 ", "user x assistant y ",
        "user <|im_end|> assistant y ",
      ])
    let report = corpus.report
    #expect(report.joining.joinedParts == 1 && report.joining.repeatedTurns == 1 && report.joining.gaps == 1)
    #expect(report.rules.duplicates == 1 && report.rules.withoutAssistant == 1)
    #expect(report.encoding.withControlText == 1)
    #expect(corpus.cache.keys[0] == corpus.cache.keys[1])
  }

  @Test func aFileCutShortIsUsedAndTheUserHearsOfIt() throws {
    let text = try shareGPT(10)
    let path = try folder.file("a", text.utf8.prefix(text.utf8.count / 2))
    let first = try build(builder([path]))
    #expect(first.progress.notices.count == 1 && first.progress.notices[0].contains("cut off at byte"))
    #expect(try build(builder([path])).progress.notices == first.progress.notices)
  }

  @Test func dataThatCannotTeachIsRefusedAndLeavesNoCache() throws {
    func kind(_ text: String, template: String = Toy.chatML) throws -> CorpusError? {
      let builder = try builder([folder.file("x", text)], template: template)
      let error = #expect(throws: CorpusError.self) { try builder.build() }
      let cached = (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache")) ?? []
      #expect(cached.isEmpty)
      return error
    }
    let user = #"{"messages": [{"role": "user", "content": "q"}]}"#
    let mute =
      #"{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "train": false}]}"#
    #expect(try kind(user)?.kind == .noAssistantTurn)
    #expect(try kind("[]")?.kind == .noConversations)
    #expect(try kind("{\n\"messages\": []\n}")?.repair.contains("jq -c") == true)
    #expect(try kind(mute)?.kind == .noConversations)
    let endless = try kind(shareGPT(5), template: Toy.endless)
    #expect(endless?.kind == .noEndOfTurn)
    #expect(endless?.description.contains("stop token") == true)
    let refusing = try kind(shareGPT(5), template: "{{ raise_exception('never') }}")
    #expect(refusing?.description.contains("never") == true)
    let none = try builder([])
    #expect(throws: CorpusError.self) { try none.build() }
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    let file = try folder.file("a", shareGPT(2))
    let builder = try CorpusBuilder(
      files: [file], tokenizer: Toy.byteLevel(), template: Toy.chatML, cacheFolder: file + "/cache")
    let error = #expect(throws: CorpusError.self) { try builder.build() }
    #expect(error?.kind == .unwritableCache && error?.file.contains("/cache/") == true)
  }

  @Test func theReportSurvivesJSON() throws {
    let report = try build(builder([folder.file("a", shareGPT(5) + "x")])).corpus.report
    #expect(try JSONDecoder().decode(CorpusReport.self, from: JSONEncoder().encode(report)) == report)
    #expect(report.warnings.count == 1)
  }
}

extension [CorpusProgress] {
  /// What the user should hear.
  fileprivate var notices: [String] { compactMap { if case .notice(let text) = $0 { text } else { nil } } }
}
