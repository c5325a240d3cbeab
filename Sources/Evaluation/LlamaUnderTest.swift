public import EvaluationSuites
import Inference
public import Kernels
public import LlamaModel
import TensorCore
public import Tokenization

/// Sees which share of a text has been read, from above 0 to 1, every few seconds of work; what it throws ends the reading.
public typealias ReadingProgress = (Double) throws -> Void

/// A Llama behind the suites' door: greedy answers, and logits of whole texts.
///
/// Prompts that begin like the one before are read from where they differ, so that many questions about one text read it
/// once.
public final class LlamaUnderTest: ModelUnderTest {
  private let model: Llama
  private let tokenizer: Tokenizer
  private let name: String?
  private let cachePrecision: CachePrecision
  private let onProgress: ReadingProgress
  /// What the last prompt left.
  private var session: Session?

  /// - Parameters:
  ///   - name: what errors name.
  ///   - cache: how keys and values are kept while a prompt is read.
  public init(
    _ model: Llama, _ tokenizer: Tokenizer, of name: String? = nil, cache: CachePrecision = .fp32,
    onProgress: @escaping ReadingProgress = { _ in }
  ) {
    (self.model, self.tokenizer, self.name, cachePrecision) = (model.frozen(), tokenizer, name, cache)
    self.onProgress = onProgress
  }

  /// - Throws: what the progress throws.
  public func answer(to prompt: [TokenID], maximumTokens: Int) throws -> String {
    var session = takeSession(context: prompt.count + maximumTokens)
    let start = session.commonPrefix(with: prompt), configuration = model.configuration
    _ = try ending { goesOn in
      session.read(exactly: prompt) { goesOn(configuration.readingShare($0, from: start, to: prompt.count)) }
    }
    let options = GenerationOptions(maximumTokens: maximumTokens, stopTokens: tokenizer.stopTokens)
    let (tokens, _) = try ending { goesOn in session.generate(options) { _ in goesOn(1) } }
    self.session = session
    try tokens.requireFinite(of: name)
    return tokenizer.decode(tokens.map(\.id))
  }

  /// The last session where it may serve a text of this length, else a new one. It is held by nobody else, so that no page
  /// is kept that the new text does not begin with.
  private func takeSession(context: Int) -> Session {
    defer { session = nil }
    guard var last = session, !model.configuration.rope.dependsOnLength || last.context == context else {
      return Session(model, context: context, cachePrecision: cachePrecision)
    }
    last.changeContext(to: context)
    return last
  }

  /// - Throws: what the progress throws.
  public func scores(of tokens: [TokenID]) throws -> any NextTokenScores {
    session = nil
    let layers = Double(model.blocks.count)
    let hidden = try model.hidden(tokens: tokens) { try onProgress(Double($0) / layers) }
    return Scores(model: model, hidden: hidden)
  }

  /// Does something that can be ended, which the progress does by throwing.
  private func ending<Result>(_ body: (_ goesOn: (Double) -> Bool) -> Result) throws -> Result {
    var problem: (any Error)?
    let result = body { share in
      do { try onProgress(share) } catch { problem = error }
      return problem == nil
    }
    if let problem { throw problem }
    return result
  }

  /// Final hidden states, from which logits are formed row by row. Shape: [n, D].
  private struct Scores: NextTokenScores {
    var model: Llama
    var hidden: Tensor
    var vocabularySize: Int { model.configuration.vocabularySize }

    func logits(_ rows: Range<Int>) -> [Float] { model.logits(ofStates: hidden.rows(rows)).values }
  }
}
