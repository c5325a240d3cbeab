import Testing
import Tokenization

@Suite struct FixtureTests {
  @Test(arguments: Fixture.all) func idsAreThoseOfLlamaCpp(_ name: String) throws {
    let fixture = try Fixture(name)
    let tokenizer = try fixture.tokenizer()
    #expect(fixture.cases.count > 100)
    for item in fixture.cases {
      #expect(tokenizer.encode(item.text, parsingSpecials: true) == item.ids, "\(name): \(item.text.debugDescription)")
      #expect(
        tokenizer.encode(item.text, parsingSpecials: false) == item.plain ?? item.ids,
        "\(name), specials as text: \(item.text.debugDescription)")
    }
  }

  @Test(arguments: Fixture.all) func decodingGivesTheTextBackByteForByte(_ name: String) throws {
    let fixture = try Fixture(name)
    let tokenizer = try fixture.tokenizer()
    let lost = Set(tokenizer.unwritableBytes)
    for item in fixture.cases {
      // SentencePiece writes a space and U+2581 as the same token; which of the two it was is not kept.
      var text = Array(item.text.utf8).filter { !lost.contains($0) }
      if Fixture.sentencePiece.contains(name) {
        text = Array(
          item.text.split(separator: "\u{2581}", omittingEmptySubsequences: false).joined(separator: " ").utf8)
      }
      for parsing in [true, false] {
        let ids = tokenizer.encode(item.text, parsingSpecials: parsing)
        #expect(
          Array(tokenizer.decode(ids, keepingSpecials: true).utf8) == text, "\(name): \(item.text.debugDescription)")
      }
    }
  }

  @Test(arguments: Fixture.all) func rangesCoverTheTextInOrder(_ name: String) throws {
    let fixture = try Fixture(name)
    let tokenizer = try fixture.tokenizer()
    let lost = Set(tokenizer.unwritableBytes)
    for item in fixture.cases {
      let bytes = Array(item.text.utf8)
      let encoded = tokenizer.encodeWithRanges(item.text, parsingSpecials: true)
      #expect(encoded.map(\.id) == item.ids)
      var position = 0
      for token in encoded {
        #expect(bytes[position..<token.range.lowerBound].allSatisfy(lost.contains), "\(name): a gap at \(position)")
        position = token.range.upperBound
        if Fixture.byteLevel.contains(name) { #expect(tokenizer.bytes(of: token.id) == Array(bytes[token.range])) }
      }
      #expect(
        bytes[position...].allSatisfy(lost.contains), "\(name): \(item.text.debugDescription) ends at \(position)")
    }
  }

  @Test(arguments: Fixture.all) func streamedDecodingEqualsDecodingAtOnce(_ name: String) throws {
    let fixture = try Fixture(name)
    let tokenizer = try fixture.tokenizer()
    var generator = SystemRandomNumberGenerator()
    var sequences = fixture.cases.map(\.ids)
    // Random ids give broken UTF-8 as well.
    for _ in 0..<200 {
      sequences.append((0..<40).map { _ in TokenID.random(in: 0..<TokenID(tokenizer.tokenCount), using: &generator) })
    }
    for ids in sequences {
      for keeping in [true, false] {
        var decoder = TokenStreamDecoder(tokenizer, keepingSpecials: keeping)
        var parts = ids.map { decoder.append($0) }
        parts.append(decoder.finish())
        let whole = tokenizer.decode(ids, keepingSpecials: keeping)
        #expect(Array(parts.joined().utf8) == Array(whole.utf8), "\(name): \(ids)")
      }
    }
  }
}
