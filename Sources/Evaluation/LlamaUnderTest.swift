public import EvaluationSuites
import Inference
public import LlamaModel
import TensorCore
public import Tokenization

/// A Llama behind the suites' door: greedy answers, and logits of whole texts.
///
/// Prompts that begin like the one before are read from where they differ, so that many questions about one text read it
/// once.
public final class LlamaUnderTest: ModelUnderTest {
  private let model: Llama
  private let tokenizer: Tokenizer
  /// Asked after each token and each some thousand tokens of a prompt; false gives the answer up.
  private let goesOn: () -> Bool
  private var session: Session?

  public init(_ model: Llama, _ tokenizer: Tokenizer, goesOn: @escaping () -> Bool = { true }) {
    (self.model, self.tokenizer, self.goesOn) = (model.frozen(), tokenizer, goesOn)
  }

  public func answer(to prompt: [TokenID], maximumTokens: Int) throws -> String {
    let context = prompt.count + maximumTokens
    var session = branch(context)
    guard session.read(exactly: prompt, goesOn: { _ in goesOn() }).isWhole else { return "" }
    self.session = session
    let options = GenerationOptions(maximumTokens: maximumTokens, stopTokens: tokenizer.stopTokens)
    let (tokens, _) = session.generate(options) { _ in goesOn() }
    try tokens.requireFinite()
    return tokenizer.decode(tokens.map(\.id))
  }

  /// The last session where it may serve a text of this length, else a new one.
  private func branch(_ context: Int) -> Session {
    guard var last = session, !model.configuration.rope.dependsOnLength || last.context == context else {
      return Session(model, context: context)
    }
    last.changeContext(to: context)
    return last
  }

  public func scores(of tokens: [TokenID]) throws -> any NextTokenScores {
    var cache = KeyValueCache(model.configuration, capacity: tokens.count)
    return Scores(model: model, hidden: model.read(tokens, into: &cache, tail: tokens.count))
  }

  /// Final hidden states, from which logits are formed row by row. Shape: [n, D].
  private struct Scores: NextTokenScores {
    var model: Llama
    var hidden: Tensor
    var vocabularySize: Int { model.configuration.vocabularySize }

    func logits(_ rows: Range<Int>) -> [Float] { model.logits(ofStates: hidden.rows(rows)).values }
  }
}
