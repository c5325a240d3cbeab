import Inference
import ServerAPI
import Tokenization

/// One prompt that a model is to continue.
struct Generation: Sendable {
  var prompt: [TokenID]
  var options: GenerationOptions
  /// Whether the prompt's own tokens are scored, too.
  var scoresPrompt: Bool

  /// What a request asks for, of one prompt.
  init(
    _ prompt: [TokenID], _ parameters: GenerationParameters, maximumTokens: Int, top: Int?, scoresPrompt: Bool = false,
    stopTokens: Set<TokenID>
  ) {
    (self.prompt, self.scoresPrompt) = (prompt, scoresPrompt)
    let seed = parameters.seed.map { UInt64(bitPattern: Int64($0)) } ?? UInt64.random(in: .min ... .max)
    options = GenerationOptions(
      maximumTokens: maximumTokens,
      sampling: Sampling(
        temperature: parameters.temperature, topK: parameters.topK, topP: parameters.topP, minP: parameters.minP,
        seed: seed), stopTokens: stopTokens, stopStrings: parameters.stop, top: top ?? 1)
  }
}

/// What happens while a prompt is continued, in this order.
enum GenerationEvent: Sendable {
  /// The prompt was read; the scores of all its tokens but the first, where they were asked for.
  case prompt([GeneratedToken])
  /// A token, and the text that became certain with it; no token with text that is left.
  case token(GeneratedToken?, String)
  case end(FinishReason, TokenUsage)
}

extension ServedModel {
  /// Continues a prompt when its turn has come. Whoever does not take the events ends nothing: only the ticket does.
  func events(_ generation: Generation, _ ticket: RequestQueue.Ticket) -> AsyncThrowingStream<
    GenerationEvent, any Error
  > {
    let (events, feed) = AsyncThrowingStream<GenerationEvent, any Error>.makeStream()
    Task {
      do {
        feed.yield(try await ticket.turn { try run(generation, ticket) { feed.yield($0) } })
        feed.finish()
      } catch {
        feed.finish(throwing: error)
      }
    }
    return events
  }

  /// The last event; nil when the answer was given up.
  private func run(
    _ generation: Generation, _ ticket: RequestQueue.Ticket, _ tell: (GenerationEvent) -> Void
  ) throws -> GenerationEvent? {
    guard let (whole, scores, reused) = try read(generation, ticket) else { return nil }
    var session = whole
    tell(.prompt(scores))
    let text = session.generateText(generation.options, tokenizer) { token, piece in
      tell(.token(token, piece))
      return ticket.goesOn && token?.logProbability.isFinite ?? true
    }
    engine.keep(session)
    try check(text.tokens)
    let usage = TokenUsage(
      promptTokens: generation.prompt.count, completionTokens: text.tokens.count, cachedTokens: reused)
    switch text.reason {
    case .stopToken, .stopString: return .end(.stop, usage)
    case .tokenLimit, .contextFull: return .end(.length, usage)
    case .cancelled: return nil
    }
  }

  /// Reads the prompt; nil when it was given up.
  private func read(
    _ generation: Generation, _ ticket: RequestQueue.Ticket
  ) throws -> (session: Session, scores: [GeneratedToken], reused: Int)? {
    if generation.scoresPrompt {
      let read = engine.session(scoring: generation.prompt, top: generation.options.top) { _ in ticket.goesOn }
      try check(read?.scores ?? [])
      return read
    }
    let (session, isWhole, reused) = engine.session(reading: generation.prompt) { _ in ticket.goesOn }
    if isWhole { return (session, [], reused) }
    // Whoever asks again need not begin anew.
    engine.keep(session)
    return nil
  }

  private func check(_ tokens: [GeneratedToken]) throws(APIError) {
    do throws(RuinedScores) {
      try tokens.requireFinite(of: name)
    } catch {
      throw APIError(status: 500, "\(error)", code: "model_ruined")
    }
  }
}
