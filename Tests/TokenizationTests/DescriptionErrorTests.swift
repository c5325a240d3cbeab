import Testing
import Tokenization

@Suite struct DescriptionErrorTests {
  private func error(
    _ description: TokenizerDescription, _ change: (inout TokenizerDescription) -> Void
  ) -> TokenizerError? {
    var changed = description
    change(&changed)
    return #expect(throws: TokenizerError.self) { try Tokenizer(changed) }
  }

  private let bytes = TestVocabulary.byteLevel(merges: ["a b", "ab c"])
  private let pieces = TestVocabulary.sentencePiece(["▁", "a", "b", "ab"])

  @Test func theDescriptionsThatAreChangedBelowAreGood() throws {
    _ = try Tokenizer(bytes)
    _ = try Tokenizer(pieces)
  }

  @Test func anEmptyVocabularyIsRefused() {
    #expect(error(bytes) { $0.tokens = [] } == .emptyVocabulary)
  }

  @Test func listsOfDifferentLengthAreRefused() {
    #expect(
      error(bytes) { $0.tokenTypes.removeLast() }
        == .countMismatch(key: "tokenizer.ggml.token_type", count: 257, tokens: 258))
    #expect(
      error(bytes) { $0.scores = [1] } == .countMismatch(key: "tokenizer.ggml.scores", count: 1, tokens: 258))
    #expect(
      error(pieces) { $0.scores = [] } == .countMismatch(key: "tokenizer.ggml.scores", count: 0, tokens: 7))
  }

  @Test func specialIdsOutsideTheVocabularyAreRefused() {
    #expect(error(bytes) { $0.bos = 258 } == .idOutOfRange(key: "tokenizer.ggml.bos_token_id", id: 258, tokens: 258))
    #expect(error(bytes) { $0.eos = -1 } == .idOutOfRange(key: "tokenizer.ggml.eos_token_id", id: -1, tokens: 258))
    #expect(error(bytes) { $0.eot = 999 } == .idOutOfRange(key: "tokenizer.ggml.eot_token_id", id: 999, tokens: 258))
    #expect(error(bytes) { $0.eom = 999 } == .idOutOfRange(key: "tokenizer.ggml.eom_token_id", id: 999, tokens: 258))
    #expect(
      error(bytes) { $0.unknown = 999 } == .idOutOfRange(key: "tokenizer.ggml.unknown_token_id", id: 999, tokens: 258))
    #expect(
      error(bytes) { $0.padding = 999 } == .idOutOfRange(key: "tokenizer.ggml.padding_token_id", id: 999, tokens: 258))
  }

  @Test func equalTokensAreRefusedButNotCanonicallyEquivalentOnes() throws {
    #expect(error(bytes) { $0.tokens[257] = "ab" } == .duplicateToken(text: "ab", first: 256, second: 257))
    var accents = TestVocabulary.byteLevel(added: [("é", .userDefined), ("e\u{301}", .userDefined)])
    accents.tokens[Int(UInt8(ascii: "e"))] = "e"
    #expect(throws: TokenizerError.self) { try Tokenizer(accents) }  // "é" is the byte 0xE9
    accents.tokens[256] = "xé"
    accents.tokens[257] = "xe\u{301}"
    let tokenizer = try Tokenizer(accents)
    #expect(tokenizer.encode("xé", parsingSpecials: false) == [256])
    #expect(tokenizer.encode("xe\u{301}", parsingSpecials: false) == [257])
  }

  @Test func mergesThatDoNotResolveAreRefused() {
    #expect(error(bytes) { $0.merges[0] = "ab" } == .malformedMerge(index: 0, merge: "ab"))
    #expect(error(bytes) { $0.merges[0] = "a " } == .malformedMerge(index: 0, merge: "a "))
    #expect(error(bytes) { $0.merges[1] = "ab zz" } == .unresolvedMerge(index: 1, merge: "ab zz", missing: "zz"))
    #expect(error(bytes) { $0.merges.append("b c") } == .unresolvedMerge(index: 2, merge: "b c", missing: "bc"))
    #expect(error(bytes) { $0.merges = [] } == .missingMerges(tokens: 2))
  }

  @Test func sentencePieceNeedsOrderedScoresAndAWayToWriteAnyText() {
    #expect(error(pieces) { $0.scores[4] = .nan } == .scoreIsNotANumber(token: 4))
    #expect(error(pieces) { $0.unknown = nil } == .noFallback(byteTokens: 0))
    #expect(error(pieces) { $0.tokenTypes[4] = .byte } == .malformedByteToken(token: 4, text: "a"))
    let long = String(repeating: "x", count: 2000)
    #expect(error(pieces) { $0.tokens[4] = long } == .tokenTooLong(token: 4, bytes: 2000, limit: 1024))
  }

  @Test func messagesNameThePlaceTheFindingAndTheRepair() {
    let message = error(bytes) { $0.merges[1] = "ab zz" }?.description ?? ""
    #expect(message.contains("tokenizer.ggml.merges[1]"))
    #expect(message.contains("\"ab zz\"") && message.contains("\"zz\" is not in tokenizer.ggml.tokens"))
    #expect(message.hasSuffix("Convert the model again."))
    // A damaged token may be huge; the message is not.
    let huge = String(repeating: "e\u{301}", count: 1_000_000)
    let short = error(bytes) { $0.merges[1] = huge }?.description ?? ""
    #expect(short.utf8.count < 1000 && short.contains("…"))
  }

  @Test func aRepeatedMergeKeepsItsFirstRank() throws {
    let tokenizer = try Tokenizer(TestVocabulary.byteLevel(merges: ["b c", "a b"]))
    var description = tokenizer.description
    description.merges = ["b c", "a b", "b c"]
    #expect(try Tokenizer(description).encode("abc", parsingSpecials: false) == [97, 256])
  }
}
