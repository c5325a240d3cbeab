import Foundation
import Testing

@testable import EvaluationSuites

/// What holds for every suite, with a tokenizer that splits at white space and one that counts bytes.
struct SuiteTests {
  static let words = RULERGoldenTests.counter
  static let bytes = TokenCounter(prompt: { $0.plainText.utf8.count / 4 }, text: { $0.utf8.count / 4 })
  static let haystack = Haystack(generatedWords: 3000, seed: 1)

  static func cells(_ lengths: [Int], seed: Int = 42) -> [TestCell] {
    let grid = DepthGrid(lengths: lengths, depths: DepthGrid.depths(3, .linear), samples: 2, seed: seed)
    return PasskeySuite(grid).cells + NeedleSuite(grid, haystack: haystack).cells
      + LongEvalSuite(lengths: lengths, samples: 2, seed: seed).cells + KeyValueSuite(grid).cells
      + RULERSuite(lengths: lengths, samples: 2, seed: seed, haystack: haystack).cells
  }

  static func items(_ cells: [TestCell], _ counter: TokenCounter) throws -> [TestItem] {
    var items: [TestItem] = []
    for cell in cells { try cell.forEachItem(counter) { items.append($0) } }
    return items
  }

  @Test func `every item is as announced, fits with its answer, fills its length and can be answered`() throws {
    for counter in [Self.words, Self.bytes] {
      let cells = Self.cells([3000]), items = try Self.items(cells, counter)
      #expect(items.map(\.coordinates) == cells.flatMap(\.coordinates))
      #expect(Set(items.map(\.coordinates)).count == items.count)
      for item in items {
        let tokens = try counter.prompt(item.prompt) + item.answerTokens
        #expect(tokens <= 3000, "\(item.coordinates)")
        // Steps of RULER's essays are 500 words, of topics a conversation.
        #expect(tokens > 2000, "\(item.coordinates) has \(tokens) tokens")
        #expect(item.scoring.score(" " + item.expected.joined(separator: ", "), expecting: item.expected) == 1)
        #expect(item.scoring.score("I do not know.", expecting: item.expected) == 0)
        if item.coordinates.task != "fwe" && item.coordinates.task != "vt" && item.coordinates.task != "cwe" {
          for answer in item.expected {
            #expect(item.prompt.user.lowercased().contains(answer.lowercased()), "\(item.coordinates)")
          }
        }
      }
    }
  }

  @Test func `LongEval is made of exact numbers of lines and topics where they are given`() throws {
    let suite = LongEvalSuite(lengths: [900], units: [.lines: [20, 1200], .topics: [1, 5]], samples: 2, seed: 42)
    let items = try Self.items(suite.cells, Self.words)
    #expect(items.map(\.coordinates) == suite.cells.flatMap(\.coordinates))
    #expect(
      items.map(\.coordinates.taskName).filter { $0.hasPrefix("lines") } == [
        "lines 20", "lines 20", "lines 1200", "lines 1200",
      ])
    for item in items {
      let text = item.prompt.user, units = try #require(item.coordinates.units)
      let isLines = item.coordinates.task == "lines"
      let word = isLines ? "\nline " : "USER: I would like to discuss the topic of "
      #expect(text.matches(of: try Regex(word)).count == units, "\(item.coordinates)")
      #expect(text.contains(item.expected[0]) && item.answerTokens == (isLines ? 100 : 50))
    }
    // A test is the same whatever else is asked.
    let alone = LongEvalSuite(lengths: [900], units: [.lines: [1200]], samples: 1, seed: 42)
    #expect(try Self.items(alone.cells, Self.bytes) == items.filter { $0.coordinates == alone.cells[0].coordinates[0] })
    // Estimates: LongChat's own means for LLaMA.
    #expect(items.map(\.coordinates.length) == [633, 633, 27986, 27986, 783, 783, 3275, 3275])
  }

  @Test func `the same seed gives the same items, another seed others, and some alone are as among all`() throws {
    let cells = Self.cells([1500]), items = try Self.items(cells, Self.bytes)
    #expect(try Self.items(Self.cells([1500]), Self.bytes) == items)
    let others = try Self.items(Self.cells([1500], seed: 43), Self.bytes)
    for (a, b) in zip(items, others) where a.coordinates.task != "sandwich" && a.coordinates.task != "ingredients" {
      #expect(a.expected != b.expected, "\(a.coordinates)")
    }
    var second: [TestItem] = []
    for cell in cells { try cell.forEachItem(Self.bytes, where: { $0.sample == 1 }) { second.append($0) } }
    #expect(second == items.filter { $0.coordinates.sample == 1 })
  }

  @Test func `what is hidden stands at its depth`() throws {
    let grid = DepthGrid(lengths: [4000], depths: DepthGrid.depths(5, .linear), samples: 1, seed: 1)
    let suites =
      PasskeySuite(grid).cells + KeyValueSuite(grid).cells
      + NeedleSuite(tasks: [.sandwich, .number], grid, haystack: Self.haystack).cells
    for item in try Self.items(suites, Self.words) {
      let depth = try #require(item.coordinates.depth), text = item.prompt.user
      let place = try #require(text.range(of: item.expected[0]))
      let part = Double(text[..<place.lowerBound].utf8.count) / Double(text.utf8.count) * 100
      #expect(abs(part - depth) < 4, "\(item.coordinates) stands at \(part)")
    }
  }

  @Test func `questions on one object follow each other and share all of it`() throws {
    let items = try Self.items(
      KeyValueSuite(DepthGrid(lengths: [2000], depths: [0, 50, 100], samples: 2, seed: 3)).cells, Self.words)
    #expect(items.map(\.coordinates.sample) == [0, 0, 0, 1, 1, 1])
    func object(_ item: TestItem) -> Substring { item.prompt.user.prefix { $0 != "}" } }
    #expect(object(items[0]) == object(items[1]) && object(items[1]) == object(items[2]))
    #expect(object(items[0]) != object(items[3]))
    #expect(Set(items.map { $0.expected[0] }).count == 6)
  }

  @Test func `EasyContext's numbers are NumPy's`() {
    let numbers = (0..<3).map { NumberNeedle(seed: 24_242_424, sample: $0, distractors: 0).expected[0] }
    #expect(numbers == ["2965478", "7624612", "7182423"])
  }

  @Test func `sigmoid depths are Kamradt's`() {
    let depths = DepthGrid.depths(35, .sigmoid)
    #expect(Array(depths.prefix(5)) == [0, 0.896, 1.199, 1.602, 2.138])
    #expect(depths[17] == 50)
    #expect(depths.suffix(2) == [99.104, 100])
    #expect(DepthGrid.depths(5, .linear) == [0, 25, 50, 75, 100])
    #expect(DepthGrid.depths(1, .linear) == [50])
  }

  @Test func `word pairs are Python's sorted set`() {
    #expect(WordPairs.all.count == 6_171_620)
    #expect(WordLists.all.count == 8166)
    let small = WordPairs(adjectives: ["x-rated", "big", "x", "ad hoc"], nouns: ["s", "rz", "a"])
    #expect(
      Array(small) == [
        "ad hoc-a", "ad hoc-rz", "ad hoc-s", "big-a", "big-rz", "big-s", "x-a", "x-rated-a", "x-rated-rz", "x-rated-s",
        "x-rz", "x-s",
      ])
    for place in stride(from: 1, to: WordPairs.all.count, by: 104_729) {
      #expect(WordPairs.all[place - 1].utf8.lexicographicallyPrecedes(WordPairs.all[place].utf8))
    }
  }

  @Test(arguments: [0, 1, 9, 10, 11, 99, 1000, 54_321]) func `the greatest size that fits is found`(limit: Int) {
    #expect(greatestSize(in: 0...5000, fitting: limit) { $0 } == min(5000, limit))
    #expect(greatestSize(in: 3...5000, fitting: limit) { $0 } == (limit < 3 ? nil : min(5000, limit)))
    #expect(greatestSize(in: 0...5000, fitting: limit) { 10 + $0 / 7 * 13 }.map { 10 + $0 / 7 * 13 <= limit } != false)
    var tries = 0
    let size = greatestSize(in: 0...1_000_000, fitting: limit * 100) { size in
      tries += 1
      return size * size / 1000
    }
    #expect(size.map { $0 * $0 / 1000 <= limit * 100 } == true)
    #expect(tries < 60)
  }
}
