import Evaluation
import EvaluationSuites
import Kernels
import LlamaModel
import TensorCore
import TestSupport
import Testing
import Tokenization

/// A Llama behind the suites' door.
struct LlamaUnderTestTests {
  private struct Ended: Error {}

  private static let tokenizer = Result { try ByteTokenizer.make() }
  private static let model = Llama.random(.tiny(vocabularySize: 259), scale: 0.3)
  private static let prompt = {
    var numbers = SplitMix64(seed: 3)
    return numbers.tokens(4500, below: 259)
  }()

  @Test func `what is read is told from the first part to the whole, by work and not by tokens`() throws {
    var shares: [Double] = []
    let model = LlamaUnderTest(Self.model, try Self.tokenizer.get()) { shares.append($0) }
    _ = try model.answer(to: Self.prompt, maximumTokens: 3)
    let reading = shares.prefix { $0 < 1 }
    #expect(reading.count == 2 && shares == shares.sorted() && shares.last == 1)
    // Attention makes later tokens dearer.
    #expect(try #require(reading.first) < 2048 / 4500)
    shares = []
    _ = try model.scores(of: Self.prompt)
    #expect(shares == [0.5, 1])
  }

  @Test func `the progress of what an earlier prompt has not read begins at nothing`() throws {
    var shares: [Double] = []
    let model = LlamaUnderTest(Self.model, try Self.tokenizer.get()) { shares.append($0) }
    _ = try model.answer(to: Array(Self.prompt.prefix(300)), maximumTokens: 1)
    shares = []
    _ = try model.answer(to: Self.prompt, maximumTokens: 1)
    let first = try #require(shares.first)
    #expect(first > 0 && first < 0.5, "\(shares)")
  }

  @Test func `what the progress throws ends reading, answering and scoring, and the next answer is whole`() throws {
    var left = Int.max
    let tokenizer = try Self.tokenizer.get()
    let model = LlamaUnderTest(Self.model, tokenizer) { _ in
      left -= 1
      if left < 0 { throw Ended() }
    }
    let whole = try model.answer(to: Self.prompt, maximumTokens: 5)
    for allowed in [0, 1, 2] {
      left = allowed
      #expect(throws: Ended.self) { try model.answer(to: Self.prompt.reversed(), maximumTokens: 5) }
    }
    left = 1
    #expect(throws: Ended.self) { try model.scores(of: Self.prompt) }
    left = .max
    #expect(try model.answer(to: Self.prompt, maximumTokens: 5) == whole)
  }

  @Test func `scores have the bits of the training forward pass`() throws {
    let tokens = Array(Self.prompt.prefix(700))
    let scores = try LlamaUnderTest(Self.model, try Self.tokenizer.get()).scores(of: tokens)
    #expect(scores.logits(0..<700).bits == Self.model.frozen().logits(tokens: tokens).values.bits)
  }

  @Test func `rounded keys and values answer as exact ones do where nothing is close`() throws {
    let tokenizer = try Self.tokenizer.get()
    let exact = try LlamaUnderTest(Self.model, tokenizer).answer(to: Self.prompt, maximumTokens: 1)
    let rounded = try LlamaUnderTest(Self.model, tokenizer, cache: .bf16).answer(to: Self.prompt, maximumTokens: 1)
    #expect(exact == rounded)
  }

  @Test func `a test of exactly the short context is answered with LongRoPE's short factors`() throws {
    let tokenizer = try Self.tokenizer.get(), short = [1.0, 1, 1, 1], long = [8.0, 16, 32, 64]
    func model(long: [Double]) -> Llama {
      let scaling = RoPEScaling.longRoPE(LongRoPE(shortFactors: short, longFactors: long, attentionFactor: 1))
      let rope = RoPEDescription(originalContext: 32, originalTheta: 10_000, trainedContext: 128, scaling: scaling)
      return .random(.tiny(vocabularySize: tokenizer.tokenCount, rope: rope), scale: 0.5)
    }
    let prompt = (0..<20).map { TokenID(3 + $0 * 7) }
    func answer(_ model: Llama, tokens: Int) throws -> String {
      try LlamaUnderTest(model, tokenizer).answer(to: prompt, maximumTokens: tokens)
    }
    #expect(try answer(model(long: long), tokens: 12) == answer(model(long: short), tokens: 12))
    #expect(try answer(model(long: long), tokens: 13) != answer(model(long: short), tokens: 13))
  }
}
