import Testing

@testable import EvaluationSuites

struct PasskeyTests {
  /// One token per word.
  static func words(_ test: Passkey) -> Int {
    (test.text + "\n" + Passkey.answerStart).split { $0 == " " || $0 == "\n" }.count
  }
  /// One token per byte.
  static func bytes(_ test: Passkey) -> Int { test.text.utf8.count }

  @Test func `the text is the published one`() {
    // Words of the test's own code (Mohtashami & Jaggi 2023), seven sentences of filler, two before the key.
    #expect(
      Passkey(key: 12345, depth: 0.3, sentences: 7).text == """
        There is an important info hidden inside a lot of irrelevant text. Find it and memorize them. \
        I will quiz you about the important information there.
        The grass is green. The sky is blue.
        The pass key is 12345. Remember it. 12345 is the pass key.
        The sun is yellow. Here we go. There and back again. The grass is green. The sky is blue.
        What is the pass key?
        """)
    #expect(Passkey.answerStart == "The pass key is")
  }

  @Test(arguments: [0, 0.25, 0.5, 0.75, 1]) func `the key stands at its depth`(depth: Double) throws {
    let lines = Passkey(key: 7, depth: depth, sentences: 400).text.split(separator: "\n")
    let place = try #require(lines.firstIndex { $0.contains("Remember it") })
    let before = place == 2 ? lines[1].split(separator: ". ").count : 0
    #expect(before == Int(depth * 400))
    #expect(lines.count == (depth == 0 || depth == 1 ? 4 : 5))
  }

  @Test(arguments: [70, 71, 100, 333, 1000, 4096], [0, 0.3, 1])
  func `the prompt is never longer than asked, and one sentence more would be`(length: Int, depth: Double) throws {
    let test = try #require(Passkey.fitting(length, depth: depth, number: length, tokens: Self.words))
    #expect(Self.words(test) <= length)
    #expect(Self.words(test) > length - 4 - 1)  // no sentence has more than four words
    #expect(test.depth == depth)
    let bytes = Self.bytes(
      try #require(Passkey.fitting(length * 10, depth: depth, number: 1, tokens: Self.bytes)))
    #expect(bytes <= length * 10)
    #expect(bytes > length * 10 - "There and back again. \n".utf8.count)
  }

  @Test func `where not even the question fits there is no test`() {
    let shortest = Self.words(Passkey(key: 1, depth: 0, sentences: 0))
    #expect(Passkey.fitting(shortest - 1, depth: 0, number: 1, tokens: Self.words) == nil)
    #expect(Passkey.fitting(shortest, depth: 0, number: 1, tokens: Self.words).map(Self.words) == shortest)
  }

  @Test(.timeLimit(.minutes(1)))
  func `where a template cuts long texts short the longest prompt is as long as it gets`()
    throws
  {
    let all = try #require(Passkey.fitting(500, depth: 0, number: 1) { min(300, Self.words($0)) })
    #expect(Self.words(all) >= 300)
    #expect(Passkey.fitting(500, depth: 0, number: 1) { _ in 1 } != nil)
    struct Refused: Error {}
    #expect(throws: Refused.self) { try Passkey.fitting(500, depth: 0, number: 1) { _ in throw Refused() } }
  }

  @Test func `keys are 1 to 50,000, the same for the same number, and spread`() throws {
    let keys = try (0..<2000).map { number in
      try #require(Passkey.fitting(60, depth: 0, number: number, tokens: Self.words)).key
    }
    #expect(keys.allSatisfy { (1...50_000).contains($0) })
    #expect(Set(keys).count > 1900)
    #expect(keys.min()! < 1000 && keys.max()! > 49_000)
    // SplitMix64 of 0 is 16294208416658607535 (Vigna's splitmix64.c, seed 0), and 16294208416658607535 mod 50000 = 7535.
    #expect(keys[0] == 7536)
    #expect(keys[1..<6] == [5701, 45680, 42445, 44748, 12091])
  }

  @Test(arguments: [
    (" 12345.", true), ("12345", true), (" the number 12345, or 7", true), ("7 or 12345", false), ("1234", false),
    ("123456", false), ("", false), ("none", false), (" 012345", true), ("12 345", false),
    ("99999999999999999999999", false), ("\u{0661}", false),
  ]) func `an answer counts when its first whole number is the key`(answer: String, isRight: Bool) {
    #expect(ScoringRule.firstInteger.score(answer, expecting: ["12345"]) == (isRight ? 1 : 0))
  }
}
