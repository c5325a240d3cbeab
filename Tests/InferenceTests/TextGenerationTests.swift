import Inference
import LlamaModel
import TestSupport
import Testing
import Tokenization

struct TextGenerationTests {
  static func session() throws -> (Session, Tokenizer) {
    let tokenizer = try ByteTokenizer.make()
    var session = Session(Llama.random(.tiny(vocabularySize: tokenizer.tokenCount), scale: 0.5), context: 200)
    session.read([5, 6, 7, 8])
    return (session, tokenizer)
  }

  @Test func `pieces are the text, whole characters each`() throws {
    var (session, tokenizer) = try Self.session(), pieces: [String] = []
    let options = GenerationOptions(maximumTokens: 60, sampling: Sampling(temperature: 2, seed: 3))
    let result = session.generateText(options, tokenizer) { piece in
      pieces.append(piece)
      return true
    }
    #expect(result.tokens.count == 60 && result.reason == .tokenLimit)
    #expect(pieces.joined() == result.text)
    #expect(result.text == tokenizer.decode(result.tokens.map(\.id)))
  }

  @Test func `a stop string ends the text before it`() throws {
    let (session, tokenizer) = try Self.session()
    let options = GenerationOptions(maximumTokens: 40, sampling: Sampling(temperature: 1, seed: 5))
    var free = session
    let text = free.generateText(options, tokenizer).text
    let stop = String(text.dropFirst(8).prefix(2))
    var stopping = options
    stopping.stopStrings = [stop]
    var branch = session, pieces = ""
    let result = branch.generateText(stopping, tokenizer) { piece in
      pieces += piece
      return true
    }
    let end = try #require(text.firstRange(of: stop)).lowerBound
    #expect(result.text == text[..<end] && pieces == result.text && result.reason == .stopString)
    #expect(result.tokens.count < 40)
  }

  @Test func `the caller ends it between tokens, and the session can be continued`() throws {
    var (session, tokenizer) = try Self.session(), calls = 0
    let result = session.generateText(GenerationOptions(maximumTokens: 40), tokenizer) { _ in
      calls += 1
      return calls < 3
    }
    #expect(result.reason == .cancelled && result.tokens.count == 3)
    #expect(session.tokens.count == 4 + 2)
    #expect(session.read(exactly: [5, 6, 7, 8, 9]).isWhole)
  }
}
