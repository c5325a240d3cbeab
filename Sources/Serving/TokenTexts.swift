import Inference
import ServerAPI
import Tokenization

extension Tokenizer {
  /// A token's own text; one that is no whole character is written as OpenAI does: `bytes:\xe2\x82`.
  func name(of id: TokenID) -> String {
    let bytes = bytes(of: id), digits = Array("0123456789abcdef")
    return String(validating: bytes, as: UTF8.self)
      ?? "bytes:" + bytes.map { "\\x\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
  }

  /// The tokens of a chat's answer with their log-probabilities, as the protocol writes them.
  func chatLogprobs(_ tokens: [GeneratedToken], top: Int) -> ChatLogprobs {
    func token(_ id: TokenID, _ logProbability: Double, _ others: [ChatLogprobs.Token]?) -> ChatLogprobs.Token {
      let bytes = bytes(of: id)
      return ChatLogprobs.Token(
        token: String(decoding: bytes, as: UTF8.self), logprob: logProbability, bytes: bytes, topLogprobs: others)
    }
    return ChatLogprobs(
      content: tokens.map { chosen in
        token(chosen.id, chosen.logProbability, chosen.top.prefix(top).map { token($0.id, $0.logProbability, nil) })
      })
  }
}

/// Builds the lists of log-probabilities of a completion, token by token.
struct CompletionLogprobsBuilder {
  private let tokenizer: Tokenizer
  private let top: Int
  private var decoder: TokenStreamDecoder
  /// Where the next token's text begins.
  private var offset = 0

  init(_ tokenizer: Tokenizer, top: Int) {
    (self.tokenizer, self.top) = (tokenizer, top)
    decoder = TokenStreamDecoder(tokenizer, keepingSpecials: true)
  }

  /// The lists of more tokens.
  ///
  /// - Parameter first: a token that has nothing before it, so no probability either.
  mutating func lists(first: TokenID? = nil, _ tokens: [GeneratedToken]) -> CompletionLogprobs {
    var lists = CompletionLogprobs()
    if let first { append(first, nil, to: &lists) }
    for token in tokens { append(token.id, token, to: &lists) }
    return lists
  }

  private mutating func append(_ id: TokenID, _ score: GeneratedToken?, to lists: inout CompletionLogprobs) {
    lists.tokens.append(tokenizer.name(of: id))
    lists.tokenLogprobs.append(score?.logProbability)
    lists.topLogprobs.append(score.map(alternatives))
    lists.textOffset.append(offset)
    offset += decoder.append(id).unicodeScalars.count
  }

  /// The best tokens and the one that stands there; of two that are written alike, the better.
  private func alternatives(_ token: GeneratedToken) -> [String: Double] {
    let best = token.top.prefix(top).map { (tokenizer.name(of: $0.id), $0.logProbability) }
    return Dictionary(best + [(tokenizer.name(of: token.id), token.logProbability)], uniquingKeysWith: max)
  }
}
