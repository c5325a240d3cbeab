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
    let best = kept.withLock { sessions -> Session? in
      let candidate = sessions.indices.max {
        sessions[$0].commonPrefix(with: prompt) < sessions[$1].commonPrefix(with: prompt)
      }
      guard let candidate, sessions[candidate].commonPrefix(with: prompt) > 0 else { return nil }
      // Used now, so the last to be dropped.
      let found = sessions.remove(at: candidate)
      sessions.append(found)
      return found
    }
    var session = best ?? Session(model, context: context, cachePrecision: cachePrecision)
    let (isWhole, reused) = session.read(exactly: prompt, goesOn: goesOn)
    return (session, isWhole, reused)
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
