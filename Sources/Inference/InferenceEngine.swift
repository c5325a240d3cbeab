public import Kernels
public import LlamaModel
import Synchronization
public import Tokenization

/// A model with its tokenizer that serves many requests: sessions of one context length, which begin with what an earlier
/// one has already read.
///
/// May be used from several threads at once; sessions are values of their owners.
public final class InferenceEngine: Sendable {
  public let model: Llama
  public let tokenizer: Tokenizer
  public let context: Int
  public let cachePrecision: CachePrecision
  /// Bytes that kept sessions may take together, shared pages counted for each.
  public let keptBytes: Int
  private let kept = Mutex<[Session]>([])

  /// - Parameter keptBytes: of sessions that are kept for later ones; 0 keeps none.
  public init(
    _ model: Llama, _ tokenizer: Tokenizer, context: Int, cachePrecision: CachePrecision = .fp32, keptBytes: Int = 0
  ) {
    (self.model, self.tokenizer) = (model.frozen(), tokenizer)
    (self.context, self.cachePrecision, self.keptBytes) = (context, cachePrecision, keptBytes)
  }

  /// A session that has read `prompt` or, when `goesOn` ended it, a part of it.
  ///
  /// - Parameters:
  ///   - prompt: 1 ..< `context` tokens.
  ///   - goesOn: sees how much of the prompt was read; false ends the reading.
  /// - Returns: the session, whether it has read all, and how many tokens an earlier session had read for it.
  public func session(
    reading prompt: [TokenID], goesOn: (Int) -> Bool = { _ in true }
  ) -> (session: Session, isWhole: Bool, reused: Int) {
    var session = best { $0.commonPrefix(with: prompt) }
    let (isWhole, reused) = session.read(exactly: prompt, goesOn: goesOn)
    return (session, isWhole, reused)
  }

  /// A session that has read `prompt`, with the scores of its tokens but the first; both have the bits of a new session.
  ///
  /// - Parameters:
  ///   - prompt: 1 ..< `context` tokens.
  ///   - top: how many alternatives are told for each token.
  ///   - goesOn: sees how much of the prompt was read, then how much was scored; false ends it.
  /// - Returns: also how many tokens an earlier session had read and scored for it; nil when it was ended.
  public func session(
    scoring prompt: [TokenID], top: Int, goesOn: (Int) -> Bool = { _ in true }
  ) -> (session: Session, scores: [GeneratedToken], reused: Int)? {
    var session = best { $0.scoringStart(of: prompt, top: top) }
    return session.readScoring(exactly: prompt, top: top, goesOn: goesOn).map { (session, $0.scores, $0.reused) }
  }

  /// The kept session with the greatest `value`; a new one where none is above 0.
  private func best(by value: (Session) -> Int) -> Session {
    let found = kept.withLock { sessions -> Session? in
      let values = sessions.map(value)
      guard let candidate = values.indices.max(by: { values[$0] < values[$1] }), values[candidate] > 0 else {
        return nil
      }
      // Used now, so the last to be dropped.
      let found = sessions.remove(at: candidate)
      sessions.append(found)
      return found
    }
    return found ?? Session(model, context: context, cachePrecision: cachePrecision)
  }

  /// Keeps a session for those that begin alike; drops those that were not used for longest when there are too many.
  public func keep(_ session: Session) {
    guard session.byteCount <= keptBytes else { return }
    kept.withLock { sessions in
      // One that only holds the beginning of this one serves nobody better.
      sessions.removeAll { session.commonPrefix(with: $0.tokens) == $0.tokens.count }
      sessions.append(session)
      while sessions.reduce(0, { $0 + $1.byteCount }) > keptBytes { sessions.removeFirst() }
    }
  }
}
