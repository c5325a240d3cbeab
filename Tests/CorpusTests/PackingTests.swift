import Testing

@testable import Corpus

private func documents(_ lengths: [Int]) -> [PackingPlan.Document] {
  lengths.enumerated().map { PackingPlan.Document(index: $0, length: $1) }
}

private func makePlan(
  _ lengths: [Int], context: Int, seed: UInt64 = 1, stage: Int = 0,
  options: PackingOptions = PackingOptions(overLength: .split)
) throws -> PackingPlan {
  try PackingPlan(
    documents: documents(lengths), contextLength: context, seed: seed, stage: stage, options: options,
    labelledPredictions: { $0.length })
}

/// Log-uniform lengths, as chats have.
private func randomLengths(_ count: Int, upTo most: Int, seed: UInt64) -> [Int] {
  var generator = KeyedGenerator(seed: seed, purpose: .pieces, step: 9)
  return (0..<count).map { _ in
    let bits = Int.random(in: 0...(Int.bitWidth - most.leadingZeroBitCount - 1), using: &generator)
    return min(most, Int.random(in: (1 << bits)...(2 << bits), using: &generator))
  }
}

@Suite struct PackingTests {
  @Test(arguments: [(1, 7), (3, 1), (50, 16), (400, 64), (400, 1000), (2000, 4096), (5, 100_000)])
  func everyTokenStandsInExactlyOneSequenceOrInTheTail(count: Int, context: Int) throws {
    for seed in UInt64(0)..<5 {
      let lengths = randomLengths(count, upTo: 5000, seed: seed)
      let total = lengths.reduce(0, +)
      guard total >= context else {
        #expect(throws: CorpusError.self) { try makePlan(lengths, context: context) }
        continue
      }
      let plan = try makePlan(lengths, context: context, seed: seed)
      var seen = lengths.map { [Bool](repeating: false, count: $0) }
      for index in 0..<plan.sequencesPerEpoch {
        let pieces = plan.sequence(at: index)
        #expect(pieces.reduce(0) { $0 + $1.length } == context)
        for piece in pieces {
          #expect(piece.length > 0)
          for token in piece.start..<(piece.start + piece.length) {
            #expect(!seen[piece.document][token])
            seen[piece.document][token] = true
          }
        }
      }
      #expect(plan.sequencesPerEpoch == total / context)
      #expect(plan.report.tailTokens == total % context)
      #expect(seen.joined().count { !$0 } == plan.report.tailTokens)
      #expect(plan.report.usedTokens + plan.report.lostTokens == plan.report.tokens)
    }
  }

  @Test func longDocumentsComeFirstAndFillTheirSequencesAlone() throws {
    let plan = try makePlan([10, 250, 30, 100, 60], context: 100)
    #expect(plan.report.longSequences == 3 && plan.report.packedSequences == 1)
    let first = (0..<3).map { plan.sequence(at: $0) }
    #expect(first.allSatisfy { $0.count == 1 })
    #expect(
      Set(first.joined()) == [
        Piece(document: 1, start: 0, length: 100), Piece(document: 1, start: 100, length: 100),
        Piece(document: 3, start: 0, length: 100),
      ])
    #expect(plan.report.overLongDocuments == 1 && plan.report.tailTokens == 50)
  }

  @Test func piecesThatFitWholeAreNotCut() throws {
    let plan = try makePlan([60, 40, 70, 30, 20, 80], context: 100)
    #expect(plan.report.splitDocuments == 0)
    #expect(plan.sequencesPerEpoch == 3 && plan.report.tailTokens == 0)
  }

  @Test func theSamePlanComesFromTheSameSeedAndAnotherFromAnother() throws {
    let lengths = randomLengths(500, upTo: 2000, seed: 3)
    func order(_ seed: UInt64, _ stage: Int, from start: Int = 0) throws -> [[Piece]] {
      let plan = try makePlan(lengths, context: 512, seed: seed, stage: stage)
      return (0..<100).map { plan.sequence(at: start + $0) }
    }
    #expect(try order(1, 0) == order(1, 0))
    #expect(try order(1, 0) != order(2, 0))
    #expect(try order(1, 0) != order(1, 1))
    let epoch = try makePlan(lengths, context: 512).sequencesPerEpoch
    #expect(try order(1, 0) != order(1, 0, from: epoch))
  }

  @Test(arguments: PackingOptions.Order.allCases)
  func eachEpochHoldsEachSequenceOnce(order: PackingOptions.Order) throws {
    let options = PackingOptions(order: order, overLength: .split)
    let plan = try makePlan(randomLengths(300, upTo: 3000, seed: 4), context: 1024, options: options)
    let count = plan.sequencesPerEpoch
    let epochs = (0..<3).map { epoch in (0..<count).map { plan.sequence(at: epoch * count + $0) } }
    #expect(Set(epochs[0]).count == count)
    for epoch in epochs { #expect(Set(epoch) == Set(epochs[0])) }
    #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2])
    let leading = epochs.map { $0.prefix(plan.report.longSequences).allSatisfy { $0.count == 1 } }
    #expect(leading.allSatisfy { $0 == (order == .longFirst) })
  }

  @Test func overLengthPoliciesDoWhatTheyAreCalled() throws {
    let lengths = [250, 100, 100, 40]
    func report(_ policy: PackingOptions.OverLength) throws -> PackingReport {
      try makePlan(lengths, context: 100, options: PackingOptions(overLength: policy)).report
    }
    let truncated = try report(.truncate)
    #expect(truncated.truncatedTokens == 150 && truncated.sequences == 3 && truncated.tailTokens == 40)
    let dropped = try report(.drop)
    #expect(dropped.droppedDocuments == 1 && dropped.droppedTokens == 250 && dropped.sequences == 2)
    #expect(dropped.usedTokens + dropped.lostTokens == dropped.tokens)
    let error = #expect(throws: CorpusError.self) { try report(.error) }
    #expect(error?.kind == .overLength && error?.description.contains("document 0 with 250 tokens") == true)
  }

  @Test func sequencesThatPredictTooLittleAreLeftOutAndCounted() throws {
    func plan(minimum: Int) throws -> PackingPlan {
      try PackingPlan(
        documents: documents([100, 100, 300]), contextLength: 100, seed: 1, stage: 0,
        options: PackingOptions(overLength: .split, minimumLabelled: minimum),
        labelledPredictions: { $0.document == 1 ? 0 : $0.start == 200 ? 3 : 50 })
    }
    #expect(try plan(minimum: 0).sequencesPerEpoch == 5)
    #expect(try plan(minimum: 1).report.unlabelledSequences == 1)
    let strict = try plan(minimum: 4)
    #expect(strict.sequencesPerEpoch == 3 && strict.report.unlabelledTokens == 200)
    #expect(strict.report.usedTokens + strict.report.lostTokens == 500)
    let error = #expect(throws: CorpusError.self) { try plan(minimum: 1000) }
    #expect(error?.kind == .tooFewTokens)
  }

  @Test func aHundredThousandDocumentsArePlannedInUnderASecond() throws {
    let lengths = randomLengths(100_000, upTo: 60_000, seed: 8)
    for context in [4096, 65_536, 1_048_576] {
      let clock = ContinuousClock()
      let time = try clock.measure { _ = try makePlan(lengths, context: context) }
      print("planned 100,000 documents, \(lengths.reduce(0, +)) tokens, context \(context): \(time)")
      #expect(time < .seconds(1))
    }
  }

  @Test func labelsAreTheNextTokensOfTheSameDocument() throws {
    // Token t of document d is 100·d + t; odd tokens are labelled.
    let lengths = [5, 7, 4]
    func read(_ document: Int, _ range: Range<Int>) -> (tokens: [Int32], labelled: [UInt8]) {
      (range.map { Int32(100 * document + $0) }, range.map { UInt8($0 % 2) })
    }
    let pieces = [
      Piece(document: 1, start: 2, length: 3), Piece(document: 0, start: 0, length: 5),
      Piece(document: 2, start: 3, length: 1), Piece(document: 2, start: 0, length: 1),
    ]
    let isolated = PackedSequence(pieces, mask: .isolated, documentLength: { lengths[$0] }, read: read)
    #expect(isolated.tokens == [102, 103, 104, 0, 1, 2, 3, 4, 203, 200])
    #expect(isolated.labels == [103, -1, 105, 1, -1, 3, -1, -1, -1, 201])
    #expect(isolated.documentStarts == [0, 3, 8, 9])
    #expect(isolated.labels.count { $0 >= 0 } == 5)
    let joined = PackedSequence(pieces, mask: .concatenated, documentLength: { lengths[$0] }, read: read)
    #expect(joined.documentStarts == [0])
    #expect(joined.labels == isolated.labels && joined.tokens == isolated.tokens)
  }
}

@Suite struct KeyedGeneratorTests {
  @Test func philoxGivesTheAuthorsKnownAnswers() {
    let all = UInt32.max
    #expect(
      KeyedGenerator.philox(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      KeyedGenerator.philox(counter: SIMD4(repeating: all), key: SIMD2(repeating: all))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      KeyedGenerator.philox(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func numbersDependOnSeedPurposeAndStepOnly() {
    func numbers(_ seed: UInt64, _ purpose: KeyedGenerator.Purpose, _ step: UInt64) -> [UInt64] {
      var generator = KeyedGenerator(seed: seed, purpose: purpose, step: step)
      return (0..<6).map { _ in generator.next() }
    }
    let base = numbers(1, .pieces, 2)
    #expect(base == numbers(1, .pieces, 2))
    let others = [
      numbers(2, .pieces, 2), numbers(1, .longSequences, 2), numbers(1, .pieces, 3), numbers(1, .pieces, 2 << 32),
    ]
    #expect(Set((others + [base]).joined()).count == 30)
  }

  @Test func aKeyedPermutationIsTheSameInEveryVersion() {
    // A run goes on by it: another order would train some sequences twice and others never.
    let permutation = KeyedPermutation(count: 1000, seed: 7, purpose: .pieces, step: 1)
    #expect((0..<6).map { permutation[$0] } == [232, 964, 537, 806, 92, 926])
  }

  @Test func aKeyedPermutationIsOneAndMovesThings() {
    for count in [1, 2, 3, 17, 256, 257, 5000] {
      let permutation = KeyedPermutation(count: count, seed: 7, purpose: .pieces, step: 1)
      let image = (0..<count).map { permutation[$0] }
      #expect(image.sorted() == Array(0..<count))
      if count > 16 { #expect(image != Array(0..<count)) }
    }
    // Every one of the six orders of three things comes up about equally often.
    var orders: [[Int]: Int] = [:]
    for step in UInt64(0)..<6000 {
      let permutation = KeyedPermutation(count: 3, seed: 7, purpose: .pieces, step: step)
      orders[(0..<3).map { permutation[$0] }, default: 0] += 1
    }
    #expect(orders.count == 6 && orders.values.allSatisfy { (850...1150).contains($0) })
  }

  @Test func theIntegerSetFindsTheNextMemberAsASortedListDoes() {
    var generator = KeyedGenerator(seed: 2, purpose: .pieces, step: 0)
    for capacity in [1, 64, 65, 5000, 300_000] {
      var set = IntegerSet(capacity: capacity)
      var reference = Set<Int>()
      for _ in 0..<300 {
        let value = Int.random(in: 0..<capacity, using: &generator)
        if Bool.random(using: &generator) {
          set.insert(value)
          reference.insert(value)
        } else {
          let member = reference.randomElement(using: &generator) ?? value
          set.remove(member)
          reference.remove(member)
        }
        let from = Int.random(in: 0..<capacity, using: &generator)
        #expect(set.next(atLeast: from) == reference.filter { $0 >= from }.min())
      }
    }
  }
}
