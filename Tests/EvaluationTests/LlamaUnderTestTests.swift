import Evaluation
import EvaluationSuites
import LlamaModel
import TestSupport
import Testing
import Tokenization

struct LlamaUnderTestTests {
  @Test func `a test of exactly the short context is answered with LongRoPE's short factors`() throws {
    let tokenizer = try ByteTokenizer.make(), short = [1.0, 1, 1, 1], long = [8.0, 16, 32, 64]
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
