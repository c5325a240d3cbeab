import TextCleaning
import Testing

@testable import Corpus

@Suite struct CleanerTests {
  private func chat(_ texts: String..., id: String = "", hasPlugins: Bool = false) -> Conversation {
    var chat = conversation(
      id, texts.enumerated().map { Turn($0.offset.isMultiple(of: 2) ? .user : .assistant, $0.element) })
    chat.hasPlugins = hasPlugins
    return chat
  }

  private func clean(
    _ conversations: [Conversation], _ options: CleaningOptions
  ) -> (kept: [Conversation], report: CleaningReport) {
    var cleaner = Cleaner(options, length: { $0.utf8.count })
    let kept = cleaner.clean(conversations).flatMap { $0 }
    return (kept, cleaner.report)
  }

  private let good = ["How are you today?", "Fine, and you?"]

  @Test func withoutRulesNothingChanges() {
    let odd = [conversation("a", []), chat("", ""), chat("openai", "chatgpt")]
    let (kept, report) = clean(odd, CleaningOptions())
    #expect(kept == odd && report == CleaningReport())
  }

  @Test func eachRuleLeavesOutOnlyWhatItNames() {
    let fine = chat(good[0], good[1], id: "fine")
    let cases: [(CleaningRule, Conversation)] = [
      (.rateLimit, chat("Hello to you there", "Too many requests in 1 hour. Try again later.")),
      (.plugins, chat("Look this up for me", "Done, here it is", hasPlugins: true)),
      (.vendorNames, chat("Who are you, tell me", "I am ChatGPT, you know")),
      (.unprintableTurns, chat("\u{200b}Hello", "x")),
      (.roleOrder, conversation("", [Turn(.user, "a"), Turn(.user, "b"), Turn(.assistant, "c")])),
      (.roleOrder, conversation("", [Turn(.user, "a"), Turn(.system, "b"), Turn(.assistant, "c")])),
      (.roleOrder, conversation("", [Turn(.user, "alone")])),
      (.tooShort, chat("a", "b")), (.tooShort, conversation("", [Turn(.user, "A long enough text, but alone")])),
      (.duplicateIDs, chat("Something else here", "altogether", id: "fine")),
      (.duplicateOpenings, chat(good[0], good[1], "More", "And more")),
      (.repeatedDigits, chat("Count the zeros", "It is 1000000000 then")),
      (.wrongFormat, chat("List some for me", "So:\n1. a\n1. b")),
      (.exactDuplicates, chat(good[0], good[1], id: "other")),
    ]
    for (rule, bad) in cases {
      let (kept, report) = clean([fine, bad], CleaningOptions(rules: [rule]))
      #expect(kept == [fine], "\(rule)")
      #expect(report[rule].dropped == 1, "\(rule)")
      let others = CleaningRule.allCases.filter { $0 != rule && report[$0] != .init() }
      #expect(others.isEmpty, "\(rule) counted as \(others)")
    }
  }

  @Test func rulesThatChangeKeepTheRest() {
    let page = chat("Hi", "<p>See <b>this</b></p>", "1 / 2\nmore", "```pyCopy codex\n```")
    let (kept, report) = clean([page], CleaningOptions(rules: [.interfaceText, .htmlToMarkdown]))
    #expect(kept[0].turns.map(\.content) == ["Hi", "See **this**", "more", "```py\nx\n```"])
    #expect(report[.htmlToMarkdown] == .init(changed: 1, turns: 1))
    #expect(report[.interfaceText] == .init(changed: 1, turns: 2))
    let asked = chat("<p>my page</p>", "ok")
    #expect(clean([asked], CleaningOptions(rules: [.htmlToMarkdown])).kept == [asked])
  }

  @Test func anUnprintableOrEmptyTurnEndsTheChatAndOrderTakesTheQuestion() {
    let cut = chat("First question here", "First answer", "Second", " \n", "Third", "Answer")
    let (kept, report) = clean([cut], CleaningOptions(rules: [.unprintableTurns, .roleOrder]))
    #expect(kept[0].turns == Array(cut.turns[..<2]))
    #expect(report[.unprintableTurns] == .init(changed: 1, turns: 3))
    #expect(report[.roleOrder] == .init(changed: 1, turns: 1))
  }

  @Test func aFirstAnswerGoesAndASystemTurnStays() {
    let system = Turn(.system, "S")
    let chat = conversation(
      "", [system, Turn(.assistant, "x"), Turn(.user, "q"), Turn(.assistant, "a"), Turn(.user, "r")])
    let (kept, _) = clean([chat], CleaningOptions(rules: [.roleOrder]))
    #expect(kept[0].turns == [system, Turn(.user, "q"), Turn(.assistant, "a")])
  }

  @Test func languagesAreKeptOrSkipped() {
    let english = chat("What is the name of this?", "It is the name that you have for it.")
    let german = chat("Wie ist der Name und was ist das?", "Das ist nicht der Name, den ich auch nicht kenne.")
    let numbers = chat("1", "2")
    let all = [english, german, numbers]
    #expect(clean(all, CleaningOptions(keptLanguages: [.english])).kept == [english])
    #expect(clean(all, CleaningOptions(keptLanguages: [.english, .unknown])).kept == [english, numbers])
    let (kept, report) = clean(all, CleaningOptions(skippedLanguages: [.german]))
    #expect(kept == [english, numbers] && report[.language].dropped == 1)
    #expect(report.languages == ["en": 1, "de": 1, "unknown": 1])
  }

  @Test(arguments: [20, 40, 60, 100, 1000]) func splittingLosesNoPair(limit: Int) {
    for count in [1, 2, 3, 7, 20] {
      let turns = (0..<count * 2).map {
        Turn($0.isMultiple(of: 2) ? .user : .assistant, String(repeating: "x", count: $0 * 5 % 37 + 1))
      }
      for system in [[], [Turn(.system, "S")]] {
        let whole = conversation("chat", system + turns)
        let (kept, report) = clean([whole], CleaningOptions(splitLength: limit))
        #expect(kept.flatMap { $0.turns.dropFirst(system.count) } == turns)
        #expect(
          kept.allSatisfy { Array($0.turns.prefix(system.count)) == system && $0.turns.count % 2 == system.count })
        var start = 0
        for part in kept {
          #expect(part.id == (kept.count == 1 ? "chat" : "chat_\(start)"))
          let length = part.turns.reduce(0) { $0 + $1.content.utf8.count + 6 }
          #expect(length <= limit || part.turns.count == 2 + system.count)
          start += part.turns.count - system.count
        }
        #expect(report[.splitLong].added == kept.count - 1)
      }
    }
    let part = conversation("chat_12", (0..<4).map { Turn($0 % 2 == 0 ? .user : .assistant, "words") })
    #expect(clean([part], CleaningOptions(splitLength: 16)).kept.map(\.id) == ["chat_12", "chat_14"])
  }

  @Test func splitPartsJoinAgainToTheWhole() {
    let whole = conversation("chat", turns(0..<12))
    let parts = clean([whole], CleaningOptions(splitLength: 40)).kept
    var counts = ConversationJoining.Counts()
    #expect(parts.count > 2)
    #expect(ConversationJoining.join(parts, &counts).map(\.turns) == [whole.turns])
  }

  @Test func nearDuplicatesKeepTheFirstWhateverTheBatches() {
    func story(_ number: Int, _ end: String) -> Conversation {
      let words = (0..<150).map { "word\($0 * 7 % 53)of\(number)" }.joined(separator: " ")
      return chat("Tell me story \(number)", words + " " + end, id: "\(number)-\(end)")
    }
    let all = (0..<40).flatMap { [story($0, "first"), story($0, "second")] }.shuffled(seed: 5)
    let options = CleaningOptions(rules: [.nearDuplicates])
    let whole = clean(all, options)
    #expect(whole.kept.count == 40 && whole.report[.nearDuplicates].dropped == 40)
    for number in 0..<40 {
      let first = all.first { $0.turns[0].content == "Tell me story \(number)" }
      #expect(whole.kept.filter { $0.turns[0].content == "Tell me story \(number)" } == [first].compactMap { $0 })
    }
    var cleaner = Cleaner(options, length: { $0.count })
    var kept: [Conversation] = []
    for start in stride(from: 0, to: all.count, by: 3) {
      kept += cleaner.clean(Array(all[start..<min(start + 3, all.count)])).flatMap { $0 }
    }
    #expect(kept == whole.kept)
    // One n-gram in 150 differs: most signatures do too.
    let exact = CleaningOptions(rules: [.nearDuplicates], nearDuplicates: .init(threshold: 1))
    #expect(clean(all, exact).kept.count > 60)
  }

  @Test func plainTextsMeetOnlyTheRulesForLanguagesAndDuplicates() {
    let text = conversation("", [Turn(.text, "openai\n1. a\n1. b 1000000000")])
    let rules = CleaningRule.allCases.filter { ![.language, .splitLong].contains($0) }
    let (kept, report) = clean([text, text], CleaningOptions(rules: rules, splitLength: 16))
    #expect(kept == [text] && report[.exactDuplicates].dropped == 1)
  }
}

extension Array {
  /// The elements in an order that the seed decides.
  fileprivate func shuffled(seed: UInt64) -> [Element] {
    var generator = KeyedGenerator(seed: seed, purpose: .pieces, step: 0)
    return shuffled(using: &generator)
  }
}
