import Testing

@testable import Corpus

@Suite struct ConversationJoiningTests {
  private func join(_ parts: [(String, [Turn])]) -> (documents: [[Turn]], counts: ConversationJoining.Counts) {
    var counts = ConversationJoining.Counts()
    let documents = ChatGrouping(parts.map(\.0), &counts).flatMap { chat in
      ConversationJoining.join(chat.records.map { conversation(parts[$0].0, parts[$0].1) }, &counts)
    }
    return (documents.map(\.turns), counts)
  }

  @Test func chatsStandInTheOrderOfTheirFirstRecordsAndGoByTheIdTheirPartsShare() {
    var counts = ConversationJoining.Counts()
    let ids = ["x_10", "", "y_3", "x_2", "alone", "x_2", "y_0"]
    let chats = Array(ChatGrouping(ids, &counts))
    #expect(chats.map(\.records) == [[3, 5, 0], [1], [6, 2], [4]])
    #expect(chats.map { $0.id(ofFirst: conversation(ids[$0.records[0]], [])) } == ["x", "", "y", "alone"])
    let running = (0..<9).map { "train_\($0)" }
    let lone = Array(ChatGrouping(running, &counts))
    #expect(lone.map { $0.id(ofFirst: conversation(running[$0.records[0]], [])) } == running)
    #expect(counts.runningCounts == 9)
  }

  @Test func partsNumberedByTheirFirstTurnAreJoinedInOrder() {
    let (documents, counts) = join([
      ("c_6", turns(6..<10)), ("other", turns(0..<2)), ("c_0", turns(0..<4)), ("c_4", turns(4..<6)),
    ])
    #expect(documents == [turns(0..<10), turns(0..<2)])
    #expect(counts.joinedChats == 1 && counts.joinedParts == 2 && counts.repeatedTurns == 0 && counts.gaps == 0)
  }

  @Test func turnsThatTwoPartsShareAreTakenOnce() {
    let (documents, counts) = join([("c_0", turns(0..<12)), ("c_11", turns(11..<18)), ("c_17", turns(17..<20))])
    #expect(documents == [turns(0..<20)])
    #expect(counts.repeatedTurns == 2)
  }

  @Test func aPartWhollyInsideTheOneBeforeAddsNothing() {
    let (documents, counts) = join([("c_0", turns(0..<8)), ("c_2", turns(2..<5)), ("c_8", turns(8..<10))])
    #expect(documents == [turns(0..<10)])
    #expect(counts.repeatedTurns == 3 && counts.gaps == 0)
  }

  @Test func partsCountedFromZeroAreJoined() {
    let (documents, counts) = join([("c_1", turns(4..<8)), ("c_0", turns(0..<4)), ("c_2", turns(8..<12))])
    #expect(documents == [turns(0..<12)])
    #expect(counts.joinedParts == 2)
  }

  @Test func aMissingPartBeginsANewDocument() {
    let byTurns = join([("c_0", turns(0..<4)), ("c_8", turns(8..<12)), ("c_12", turns(12..<14))])
    #expect(byTurns.documents == [turns(0..<4), turns(8..<14)])
    #expect(byTurns.counts.gaps == 1 && byTurns.counts.joinedParts == 1)
    let byParts = join([("c_0", turns(0..<4)), ("c_2", turns(4..<8))])
    #expect(byParts.documents == [turns(0..<4), turns(4..<8)])
    #expect(byParts.counts.gaps == 1)
  }

  @Test func overlappingPartsWithOtherWordsAreNotJoined() {
    var other = turns(3..<6)
    other[0].content = "something else"
    let (documents, counts) = join([("c_0", turns(0..<4)), ("c_3", other)])
    #expect(documents == [turns(0..<4), other])
    #expect(counts.gaps == 1)
  }

  @Test func idsThatOnlyCountRecordsAreLeftAlone() {
    let records = (0..<20).map { ("train_\($0)", turns(0..<2)) }
    let (documents, counts) = join(records)
    #expect(documents.count == 20)
    #expect(counts.runningCounts == 20 && counts.joinedParts == 0)
  }

  @Test func idsWithoutANumberStandAlone() {
    let (documents, counts) = join([
      ("", turns(0..<2)), ("", turns(0..<2)), ("_3", turns(0..<2)), ("a_x", turns(0..<2)),
    ])
    #expect(documents.count == 4)
    #expect(counts == ConversationJoining.Counts())
    #expect(ConversationJoining.part(of: "a_b_12")?.chat == "a_b")
    #expect(ConversationJoining.part(of: "a_99999999999999999999") == nil)
  }

  @Test func anyCutWithOrWithoutOverlapJoinsBackToTheChat() {
    var generator = KeyedGenerator(seed: 5, purpose: .pieces, step: 0)
    for _ in 0..<200 {
      let count = Int.random(in: 1...40, using: &generator)
      var parts: [(String, [Turn])] = []
      var start = 0
      var end = 0
      while end < count {
        let next = Int.random(in: (end + 1)...count, using: &generator)
        parts.append(("x_\(start)", turns(start..<next)))
        end = next
        start = Bool.random(using: &generator) && next - start > 1 ? next - 1 : next
      }
      parts.shuffle(using: &generator)
      let filler = (0..<parts.count).map { ("filler\($0)", turns(0..<2)) }
      #expect(join(parts + filler).documents.first == turns(0..<count), "\(parts.map(\.0))")
    }
  }
}

extension ChatGrouping {
  /// The chats of records with these ids.
  init(_ ids: [String], _ counts: inout ConversationJoining.Counts) {
    self.init()
    for id in ids { add(id) }
    finish(&counts)
  }
}

@Suite struct ConversationRulesTests {
  private func apply(
    _ turns: [Turn], rules: ConversationRules = ConversationRules()
  ) -> (documents: [[Turn]], counts: CorpusReport.Rules) {
    var counts = CorpusReport.Rules()
    return (rules.documents(from: conversation("", turns), &counts).map(\.turns), counts)
  }

  @Test func consecutiveTurnsOfOneRoleAreMerged() {
    let (documents, counts) = apply([
      Turn(.user, "a"), Turn(.user, "b"), Turn(.assistant, "c"), Turn(.assistant, "d", isTrained: false),
    ])
    #expect(documents == [[Turn(.user, "a\n\nb"), Turn(.assistant, "c\n\nd", isTrained: false)]])
    #expect(counts.mergedTurns == 2)
  }

  @Test func aLeadingAssistantTurnIsKeptOrLeftOutByRule() {
    let turns = [Turn(.system, "s"), Turn(.assistant, "x"), Turn(.user, "u"), Turn(.assistant, "a")]
    #expect(apply(turns).documents == [turns])
    #expect(apply(turns).counts.leadingAssistantTurns == 1)
    let dropped = apply(turns, rules: ConversationRules(leadingAssistant: .drop))
    #expect(dropped.documents == [[turns[0], turns[2], turns[3]]])
    #expect(dropped.counts.droppedLeadingTurns == 1)
  }

  @Test func anEmptyTurnEndsTheDocumentAndTheNextQuestionBeginsAnother() {
    let (documents, counts) = apply([
      Turn(.user, "u0"), Turn(.assistant, "a0"), Turn(.user, " "), Turn(.assistant, "lost"), Turn(.user, "u1"),
      Turn(.assistant, "a1"), Turn(.user, "u2"), Turn(.assistant, ""),
    ])
    #expect(
      documents == [
        [Turn(.user, "u0"), Turn(.assistant, "a0")], [Turn(.user, "u1"), Turn(.assistant, "a1")],
      ])
    #expect(counts.emptyTurns == 2 && counts.turnsBehindEmpty == 1 && counts.trailingTurns == 1)
  }

  @Test func documentsWithoutAnAnswerAreCounted() {
    let (documents, counts) = apply([Turn(.system, "s"), Turn(.user, "u")])
    #expect(documents.isEmpty)
    #expect(counts.withoutAssistant == 1)
  }
}
