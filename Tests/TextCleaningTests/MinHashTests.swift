import Testing
import TestSupport

@testable import TextCleaning

@Suite struct MinHashTests {
  /// Words w0, w1, … with some replaced.
  private func text(_ count: Int, replacing replaced: Set<Int> = []) -> String {
    (0..<count).map { replaced.contains($0) ? "other\($0)" : "w\($0)" }.joined(separator: " ")
  }

  /// The share of n-grams in common, counted by sets of words.
  private func jaccard(_ a: String, _ b: String, ngram: Int) -> Double {
    func grams(_ text: String) -> Set<[Substring]> {
      let words = text.split(separator: " ")
      return Set((0...words.count - ngram).map { Array(words[$0..<$0 + ngram]) })
    }
    let (a, b) = (grams(a), grams(b))
    return Double(a.intersection(b).count) / Double(a.union(b).count)
  }

  @Test func equalPlacesEstimateTheShareOfNGramsInCommon() {
    let hash = MinHash(NearDuplicateOptions(hashes: 1024, ngram: 3))
    let whole = text(400)
    for step in [200, 100, 40, 20, 10] {
      let changed = text(400, replacing: Set(stride(from: 0, to: 400, by: step)))
      let estimate = MinHash.similarity(hash.signature(of: [whole]), hash.signature(of: [changed]))
      // Four standard deviations of the estimate.
      #expect(abs(estimate - jaccard(whole, changed, ngram: 3)) < 4 * 0.5 / 32, "every \(step)th word")
    }
    #expect(
      MinHash.similarity(hash.signature(of: [whole]), hash.signature(of: [text(400, replacing: Set(0..<400))])) < 0.05)
  }

  @Test func caseAndPunctuationPlayNoPartAndTheSeedDoes() {
    let hash = MinHash(NearDuplicateOptions())
    #expect(hash.signature(of: ["Hello, big World! a b c"]) == hash.signature(of: ["hello big", "world\n(A) b-c"]))
    #expect(hash.signature(of: ["Hello"]) != MinHash(NearDuplicateOptions(seed: 1)).signature(of: ["Hello"]))
    #expect(hash.signature(of: ["", " . "]).isEmpty)
    // The same in every version, as computed in Python from the formula.
    let words = "one two three four five six seven"
    #expect(hash.signature(of: [words]).prefix(4) == [43_519_897, 249_468_651, 2_542_680_235, 456_066_859])
    let characters = MinHash(NearDuplicateOptions(ngram: 3, unit: .characters))
    #expect(characters.signature(of: ["ab, cd"]) == characters.signature(of: ["AB    CD."]))
    #expect(characters.signature(of: ["ab cd"]) != characters.signature(of: ["abcd"]))
  }

  @Test(arguments: [0.5, 0.8, 0.95]) func bandsMeetAboveTheThresholdAndHardlyBelow(threshold: Double) {
    let (bands, rows) = NearDuplicateIndex.division(threshold: threshold, hashes: 128)
    #expect(bands * rows <= 128)
    func meeting(_ s: Double) -> Double {
      1 - (0..<bands).reduce(1) { product, _ in product * (1 - (0..<rows).reduce(1) { power, _ in power * s }) }
    }
    #expect(meeting(threshold + (1 - threshold) / 2) > 0.95)
    #expect(meeting(threshold / 2) < 0.2)
  }

  @Test func theEarliestSimilarTextIsFoundAndOthersAreKept() {
    let options = NearDuplicateOptions(threshold: 0.7, ngram: 3)
    let hash = MinHash(options)
    var index = NearDuplicateIndex(options)
    let originals = (0..<50).map { number in
      (0..<200).map { "t\(number)x\($0)" }.joined(separator: " ")
    }
    for original in originals { #expect(index.insert(hash.signature(of: [original])) == nil) }
    for (number, original) in originals.enumerated() {
      #expect(index.insert(hash.signature(of: [original + " and a few more words"])) == number)
    }
    #expect(index.insert([]) == nil)
    #expect(index.count == 50)
  }
}
