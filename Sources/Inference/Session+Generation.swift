public import Tokenization

/// How long a continuation may be, and how it is chosen.
public struct GenerationOptions: Equatable, Sendable {
  public var maximumTokens: Int
  public var sampling: Sampling
  /// Each ends the continuation and is its last token.
  public var stopTokens: Set<TokenID>
  /// Each ends the text before it.
  public var stopStrings: [String]
  /// How many alternatives are reported for each token.
  public var top: Int

  public init(
    maximumTokens: Int, sampling: Sampling = .greedy, stopTokens: Set<TokenID> = [], stopStrings: [String] = [],
    top: Int = 1
  ) {
    (self.maximumTokens, self.sampling, self.stopTokens) = (maximumTokens, sampling, stopTokens)
    (self.stopStrings, self.top) = (stopStrings, top)
  }
}

/// A continuation as text.
public struct GeneratedText: Equatable, Sendable {
  public var tokens: [GeneratedToken]
  /// Without control tokens, and without the stop string and what came after it.
  public var text: String
  public var reason: StopReason
}

extension Session {
  /// Continues what was read; something must have been.
  ///
  /// Afterwards the session has read all chosen tokens but the last. Stop strings play no part here.
  ///
  /// - Parameter onToken: sees each token as it comes, before the next is computed; false ends the continuation.
  public mutating func generate(
    _ options: GenerationOptions, onToken: (GeneratedToken) -> Bool = { _ in true }
  ) -> (tokens: [GeneratedToken], reason: StopReason) {
    var sampler = Sampler(options.sampling), chosen: [GeneratedToken] = []
    while chosen.count < options.maximumTokens {
      // A token that is chosen has a place too, although it is read only when another follows.
      if room <= (chosen.isEmpty ? 0 : 1) { return (chosen, .contextFull) }
      if let last = chosen.last { read([last.id]) }
      precondition(logits != nil, "generate: nothing was read, or reading was ended")
      guard let logits else { return (chosen, .cancelled) }
      let token = sampler.choose(from: logits, top: options.top)
      chosen.append(token)
      let isStop = options.stopTokens.contains(token.id)
      if !onToken(token) { return (chosen, isStop ? .stopToken : .cancelled) }
      if isStop { return (chosen, .stopToken) }
    }
    return (chosen, .tokenLimit)
  }

  /// Continues what was read, as text.
  ///
  /// - Parameter onPiece: gets the text as it becomes certain, never a part of a character, never a part of a stop
  ///   string; it is asked after each token, with "" where that added nothing. False ends the continuation.
  public mutating func generateText(
    _ options: GenerationOptions, _ tokenizer: Tokenizer, onPiece: (String) -> Bool = { _ in true }
  ) -> GeneratedText {
    generateText(options, tokenizer) { _, piece in onPiece(piece) }
  }

  /// As above; `onToken` gets each token together with the text that became certain with it, and no token with the text
  /// that is left at the end.
  public mutating func generateText(
    _ options: GenerationOptions, _ tokenizer: Tokenizer, onToken: (GeneratedToken?, String) -> Bool
  ) -> GeneratedText {
    var decoder = TokenStreamDecoder(tokenizer), stops = StopStrings(options.stopStrings), text = ""
    var (tokens, reason) = generate(options) { token in
      let piece = stops.append(decoder.append(token.id))
      text += piece
      return onToken(token, piece) && !stops.isFound
    }
    if !stops.isFound {
      let last = stops.append(decoder.finish()), rest = stops.isFound ? last : last + stops.finish()
      text += rest
      if !rest.isEmpty { _ = onToken(nil, rest) }
    }
    if stops.isFound { reason = .stopString }
    return GeneratedText(tokens: tokens, text: text, reason: reason)
  }
}
