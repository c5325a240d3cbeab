import Foundation
import Testing
import Tokenization

/// With a real model's vocabulary: EXTEND_TOKENIZER_JSON names a file like the fixtures, whose cases are large.
@Suite struct RealVocabularyTests {
  static let path = ProcessInfo.processInfo.environment["EXTEND_TOKENIZER_JSON"]

  @Test(.enabled(if: path != nil)) func everyTextHasTheIdsOfTheReference() throws {
    let fixture = try Fixture(contentsOf: URL(filePath: Self.path ?? ""))
    let clock = ContinuousClock()
    var made: Tokenizer?
    let building = try clock.measure { made = try fixture.tokenizer() }
    let tokenizer = try #require(made)
    var encoded: [[TokenID]] = []
    let time = clock.measure { encoded = fixture.cases.map { tokenizer.encode($0.text, parsingSpecials: true) } }
    let equal = zip(encoded, fixture.cases).count { $0 == $1.ids }
    let bytes = fixture.cases.reduce(0) { $0 + $1.text.utf8.count }
    let tokens = encoded.reduce(0) { $0 + $1.count }
    let rate = Double(bytes) / 1e6 / (time / .seconds(1))
    print(
      "\(equal) of \(fixture.cases.count) texts equal; \(bytes) bytes, \(tokens) tokens in \(time): \(rate) MB/s; "
        + "tables built in \(building)")
    #expect(equal == fixture.cases.count)
    let lost = Set(tokenizer.unwritableBytes)
    let restored = zip(fixture.cases, encoded).count { item, ids in
      // A character that has lost one of its bytes is no UTF-8 any more, and is repaired on both sides.
      let text = String(decoding: item.text.utf8.filter { !lost.contains($0) }, as: UTF8.self)
      return tokenizer.decode(ids, keepingSpecials: true).utf8.elementsEqual(text.utf8)
    }
    #expect(restored == fixture.cases.count)
  }
}
