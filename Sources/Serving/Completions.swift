import Inference
import ServerAPI
import Tokenization

/// The answer to one `POST /v1/completions`.
struct Completions: Answering {
  typealias Piece = CompletionResponse.Choice
  let exchange: Exchange<CompletionRequest>
  private let prompts: [(text: String, generation: Generation)]

  /// - Throws: what is wrong with the prompts.
  init(_ request: CompletionRequest, _ model: ServedModel) throws(APIError) {
    exchange = try Exchange(request, model, "cmpl-")
    let tokenizer = model.tokenizer
    var prompts: [(String, [TokenID])] = []
    switch request.prompts {
    case .texts(let texts): prompts = texts.map { ($0, tokenizer.promptTokens($0)) }
    case .tokens(let lists):
      for list in lists {
        let tokens = try model.tokens(list)
        prompts.append((tokenizer.decode(tokens), tokens))
      }
    }
    var generations: [(text: String, generation: Generation)] = []
    for (text, tokens) in prompts {
      let maximum = try model.room(after: tokens, for: request.maximumTokens, "prompt")
      let generation = Generation(
        tokens, request.parameters, maximumTokens: maximum, top: request.logprobs,
        scoresPrompt: request.echo && request.logprobs != nil, stopTokens: tokenizer.stopTokens)
      generations.append((text, generation))
    }
    self.prompts = generations
  }

  func answer(_ pieces: [Piece], _ usage: TokenUsage?, isChunk: Bool) -> CompletionResponse {
    CompletionResponse(
      id: exchange.id, created: exchange.created, model: exchange.model.name, choices: pieces, usage: usage)
  }

  /// Continues one prompt after the other, each in a turn of its own.
  func forEachPiece(
    _ ticket: RequestQueue.Ticket, _ take: (Piece) async throws -> Void
  ) async throws -> TokenUsage {
    let (model, request) = (exchange.model, exchange.request)
    var sum = TokenUsage(promptTokens: 0, completionTokens: 0, cachedTokens: 0)
    for (index, (text, generation)) in prompts.enumerated() {
      var builder = CompletionLogprobsBuilder(model.tokenizer, top: request.logprobs ?? 0)
      func piece(
        _ text: String, first: TokenID? = nil, _ tokens: [GeneratedToken] = [], _ reason: FinishReason? = nil
      ) -> Piece {
        let isScored = request.logprobs != nil && (first != nil || !tokens.isEmpty)
        return Piece(
          index: index, text: text, logprobs: isScored ? builder.lists(first: first, tokens) : nil,
          finishReason: reason)
      }
      for try await event in model.events(generation, ticket) {
        switch event {
        case .prompt(let scores):
          if request.echo { try await take(piece(text, first: generation.prompt.first, scores)) }
        case .token(let token, let text):
          if request.logprobs != nil || !text.isEmpty { try await take(piece(text, token.map { [$0] } ?? [])) }
        case .end(let reason, let usage):
          try await take(piece("", [], reason))
          sum = sum + usage
        }
      }
    }
    return sum
  }
}
