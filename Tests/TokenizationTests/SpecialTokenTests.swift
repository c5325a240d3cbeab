import Testing
import Tokenization

@Suite struct SpecialTokenTests {
  private let description = TestVocabulary.byteLevel(added: [
    ("<s>", .control), ("<|im_end|>", .control), ("<tool>", .userDefined), ("<tool>x", .userDefined), ("<u>", .unknown),
    ("[hole]", .unused),
  ])
  private let plainIDs: (String) -> [TokenID] = { $0.utf8.map { TokenID($0) } }

  @Test func controlTokensAreParsedOnlyOnRequest() throws {
    let tokenizer = try Tokenizer(description)
    #expect(tokenizer.encode("a<s>b", parsingSpecials: true) == plainIDs("a") + [256] + plainIDs("b"))
    #expect(tokenizer.encode("a<s>b", parsingSpecials: false) == plainIDs("a<s>b"))
    #expect(tokenizer.encode("<u>", parsingSpecials: true) == [260])
    #expect(tokenizer.encode("<u>", parsingSpecials: false) == plainIDs("<u>"))
    #expect(tokenizer.encode("[hole]", parsingSpecials: true) == plainIDs("[hole]"))
  }

  @Test func userDefinedTokensAreAlwaysParsedTheLongestFirst() throws {
    let tokenizer = try Tokenizer(description)
    for parsing in [true, false] {
      #expect(
        tokenizer.encode("<tool>y<tool>x<tool", parsingSpecials: parsing) == [258] + plainIDs("y") + [259]
          + plainIDs("<tool"))
    }
  }

  @Test func bosIsAddedWhereTheVocabularyHasOne() throws {
    var description = description
    #expect(try Tokenizer(description).encode("a", parsingSpecials: false, addingBOS: true) == [97])
    description.bos = 256
    #expect(try Tokenizer(description).encode("a", parsingSpecials: false, addingBOS: true) == [256, 97])
    #expect(try Tokenizer(description).encode("", parsingSpecials: false, addingBOS: true) == [256])
    #expect(try Tokenizer(description).encode("", parsingSpecials: false) == [])
  }

  @Test func decodingHidesControlTokensUnlessAsked() throws {
    let tokenizer = try Tokenizer(description)
    #expect(tokenizer.decode([97, 256, 258, 260, 261, 98]) == "a<tool>b")
    #expect(tokenizer.decode([97, 256, 258, 260, 261, 98], keepingSpecials: true) == "a<s><tool><u>b")
    #expect(tokenizer.bytes(of: 257) == Array("<|im_end|>".utf8))
  }

  @Test func stopTokensAreTheDeclaredOnesAndWellKnownTexts() throws {
    var description = description
    #expect(try Tokenizer(description).stopTokens == [257])
    description.eos = 256
    description.eot = 97
    description.eom = 98
    #expect(try Tokenizer(description).stopTokens == [256, 257, 97, 98])
  }

  @Test func anEndOfTurnMarkerIsControlWhateverItsDeclaredType() throws {
    var description = description
    description.tokenTypes[257] = .userDefined
    let tokenizer = try Tokenizer(description)
    #expect(tokenizer.type(of: 257) == .control && tokenizer.stopTokens == [257])
    #expect(tokenizer.encode("<|im_end|>", parsingSpecials: false) == plainIDs("<|im_end|>"))
    #expect(tokenizer.description == description)
  }

  @Test func idsAreFoundByText() throws {
    let tokenizer = try Tokenizer(description)
    #expect(tokenizer.id(of: "<s>") == 256 && tokenizer.id(of: "Ġ") == 32 && tokenizer.id(of: "nothing") == nil)
    #expect(tokenizer.tokenCount == 262)
  }
}
