import Testing
import Tokenization

@Suite struct SentencePieceTests {
  @Test func theHighestScoreMergesFirstAndThenTheLeftmost() throws {
    let tokenizer = try Tokenizer(TestVocabulary.sentencePiece(["bc", "ab", "a", "b", "c", "aa"]))
    #expect(tokenizer.encode("abc", parsingSpecials: false) == [5, 3])
    #expect(tokenizer.encode("aaa", parsingSpecials: false) == [8, 5])
  }

  @Test func aTokenCanBeBuiltFromACharacterThatIsNoToken() throws {
    let tokenizer = try Tokenizer(TestVocabulary.sentencePiece(["a", "ax", "axé"]))
    #expect(tokenizer.encode("axé", parsingSpecials: false) == [5])
    #expect(tokenizer.encode("ax", parsingSpecials: false) == [4])
    #expect(tokenizer.encode("x", parsingSpecials: false) == [0])
  }

  @Test func textWithoutTokensIsOneUnknownTokenAndKeepsItsRange() throws {
    let tokenizer = try Tokenizer(TestVocabulary.sentencePiece(["▁", "a"]))
    let encoded = tokenizer.encodeWithRanges("aé漢 zb", parsingSpecials: false)
    #expect(encoded.map(\.id) == [4, 0, 3, 0])
    #expect(encoded.map(\.range) == [0..<1, 1..<6, 6..<7, 7..<9])
  }

  @Test func aSpaceIsPutBeforeTextAtTheStartAndAfterSpecialsAndTakenAwayAgain() throws {
    let tokenizer = try Tokenizer(TestVocabulary.sentencePiece(["▁", "a", "▁a"], addsSpacePrefix: true))
    #expect(tokenizer.encode("a", parsingSpecials: true) == [5])
    #expect(tokenizer.encode("a</s>a a", parsingSpecials: true) == [5, 2, 5, 5])
    #expect(tokenizer.encode("", parsingSpecials: true) == [])
    #expect(tokenizer.decode([5, 2, 5, 5], keepingSpecials: true) == "a</s>a a")
    #expect(tokenizer.encodeWithRanges("a a", parsingSpecials: true).map(\.range) == [0..<1, 1..<3])
  }

  @Test func aStreamThatContinuesTextKeepsItsFirstSpace() throws {
    let tokenizer = try Tokenizer(TestVocabulary.sentencePiece(["▁", "a", "▁a"], addsSpacePrefix: true))
    var start = TokenStreamDecoder(tokenizer)
    var continuation = TokenStreamDecoder(tokenizer, continuesText: true)
    #expect(start.append(5) == "a" && continuation.append(5) == " a")
  }

  @Test func textNeverMergesIntoAControlToken() throws {
    let tokenizer = try Tokenizer(TestVocabulary.sentencePiece(["<", "s", ">", "<s", "s>"]))
    let encoded = tokenizer.encode("<s>", parsingSpecials: false)
    #expect(encoded == [6, 5])
  }
}
