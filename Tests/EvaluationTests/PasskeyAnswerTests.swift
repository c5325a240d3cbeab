import Evaluation
import EvaluationSuites
import LlamaModel
import TestSupport
import Testing
import Tokenization

struct PasskeyAnswerTests {
  @Test func `a model is asked at every depth, in prompts that leave room for the answer`() throws {
    let special = ["<unk>", "<s>", "</s>"], digits = Array("0123456789ABCDEF")
    let bytes = (0..<256).map { "<0x\(digits[$0 / 16])\(digits[$0 % 16])>" }
    let tokenizer = try Tokenizer(
      TokenizerDescription(
        model: .sentencePieceBPE, tokens: special + bytes,
        tokenTypes: [.unknown, .control, .control] + [TokenType](repeating: .byte, count: 256),
        scores: [Float](repeating: 0, count: 259), bos: 1, eos: 2, unknown: 0))
    let model = Llama.random(.tiny(vocabularySize: 259))
    func ask(seed: Int, limit: Int = .max) -> [PasskeyAnswer] {
      var seen = 0
      return model.passkeyAnswers(
        context: 400, depths: [0, 0.5, 1], samples: 2, seed: seed, tokenizer: tokenizer,
        prompt: { tokenizer.encode($0.text + "\n" + Passkey.answerStart, parsingSpecials: false) }
      ) { _ in
        seen += 1
        return seen < limit
      }
    }
    let answers = ask(seed: 5)
    #expect(answers.map(\.test.depth) == [0, 0.5, 1, 0, 0.5, 1])
    #expect(Set(answers.map(\.test.key)).count == 6)
    #expect(answers.allSatisfy { $0.promptTokens <= 390 && $0.promptTokens > 390 - 24 })
    #expect(answers.allSatisfy { $0.isCorrect == $0.test.accepts($0.answer) })
    #expect(ask(seed: 5) == answers)
    #expect(ask(seed: 6).map(\.test.key) != answers.map(\.test.key))
    #expect(ask(seed: 5, limit: 2) == Array(answers.prefix(2)))
  }
}
