import Testing

@testable import Tokenization

@Suite struct LongTextTests {
  /// Letters without structure, so that merges keep happening everywhere.
  private func letters(_ count: Int) -> String {
    var state: UInt64 = 1
    let bytes = (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(ascii: "a") + UInt8(state >> 60)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: Fixture.all) func aMillionCharactersWithoutASpaceAreQuick(_ name: String) throws {
    let tokenizer = try Fixture(name).tokenizer()
    for text in [
      letters(1_000_000), String(repeating: "a", count: 1_000_000), String(repeating: " ", count: 1_000_000),
    ] {
      var ids: [TokenID] = []
      let time = ContinuousClock().measure { ids = tokenizer.encode(text, parsingSpecials: true) }
      #expect(tokenizer.decode(ids) == text)
      #expect(time < .seconds(10), "\(name): \(time)")
    }
  }

  @Test(arguments: Fixture.byteLevel) func longRunsOfOneKindDoNotExhaustThePatternMatcher(_ name: String) throws {
    let tokenizer = try Fixture(name).tokenizer()
    for unit in ["\n", " \n", "!", "\u{3000}", "漢", "\u{301}", "'", "\r\n", " x", "½"] {
      let text = String(repeating: unit, count: 300_000)
      #expect(
        tokenizer.decode(tokenizer.encode(text, parsingSpecials: true)).utf8.elementsEqual(text.utf8),
        "\(name): \(unit.debugDescription)")
    }
  }

  @Test(arguments: Fixture.all) func theHeapMergesLikeRepeatedScans(_ name: String) throws {
    let fixture = try Fixture(name)
    // Short pieces are scanned, long ones use the heap; a table of few symbols makes ties and chains.
    var table = MergeTable(capacity: 64)
    for left: Int32 in 0..<6 {
      for right: Int32 in 0..<6 where (left * 7 + right * 3) % 4 != 0 {
        table.insert(left, right, Merge(rank: UInt32((left * 5 + right) % 7), result: (left + right) % 6))
      }
    }
    for text in fixture.cases.map(\.text) + [letters(400)] {
      var scanned = MergeWorkspace()
      var queued = MergeWorkspace()
      for (position, byte) in text.utf8.enumerated() {
        let symbol: Int32 = byte % 11 == 10 ? -1 : Int32(byte % 6)
        scanned.append(symbol, start: position)
        queued.append(symbol, start: position)
      }
      guard text.utf8.count > 1 else { continue }
      scanned.mergeByScans(table)
      queued.mergeWithHeap(table)
      #expect(scanned.symbols.map(\.id) == queued.symbols.map(\.id))
      #expect(scanned.symbols.map(\.start) == queued.symbols.map(\.start))
    }
  }

  @Test func oneTokenizerServesManyThreads() async throws {
    let fixture = try Fixture("llama-bpe")
    let tokenizer = try fixture.tokenizer()
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask { fixture.cases.allSatisfy { tokenizer.encode($0.text, parsingSpecials: true) == $0.ids } }
      }
      for await same in group { #expect(same) }
    }
  }
}
