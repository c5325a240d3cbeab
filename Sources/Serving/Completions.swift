import FoundationEssentials
import Hummingbird
import Inference
import ServerAPI
import Tokenization

/// The answer to one `POST /v1/completions`.
struct Completions: Answering {
  private let model: ServedModel
  private let request: CompletionRequest
  private let prompts: [(text: String, generation: Generation)]
  private let id = "cmpl-" + UUID().uuidString
  private let created = Int(Date().timeIntervalSince1970)

  var streams: Bool { request.parameters.stream }

  /// - Throws: what is wrong with the prompts.
  init(_ request: CompletionRequest, _ model: ServedModel) throws(APIError) {
    (self.request, self.model) = (request, model)
    try model.check(isNamed: request.parameters.model)
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

  func answer(_ ticket: RequestQueue.Ticket) async throws -> (CompletionResponse, TokenUsage) {
    var choices = prompts.indices.map {
      CompletionResponse.Choice(index: $0, text: "", logprobs: nil, finishReason: nil)
    }
    let usage = try await forEachPiece(ticket) { piece in choices[piece.index].append(piece) }
    return (response(choices, usage), usage)
  }

  func stream(_ ticket: RequestQueue.Ticket, to events: inout EventWriter) async throws -> TokenUsage {
    let usage = try await forEachPiece(ticket) { piece in try await events.send(response([piece])) }
    if request.parameters.streamsUsage { try await events.send(response([], usage)) }
    return usage
  }

  private func response(_ choices: [CompletionResponse.Choice], _ usage: TokenUsage? = nil) -> CompletionResponse {
    CompletionResponse(id: id, created: created, model: model.name, choices: choices, usage: usage)
  }

  /// Continues one prompt after the other, each in a turn of its own.
  private func forEachPiece(
    _ ticket: RequestQueue.Ticket, _ take: (CompletionResponse.Choice) async throws -> Void
  ) async throws -> TokenUsage {
    var sum = TokenUsage(promptTokens: 0, completionTokens: 0, cachedTokens: 0)
    for (index, (text, generation)) in prompts.enumerated() {
      var builder = CompletionLogprobsBuilder(model.tokenizer, top: request.logprobs ?? 0)
      func piece(
        _ text: String, first: TokenID? = nil, _ tokens: [GeneratedToken] = [], _ reason: FinishReason? = nil
      ) -> CompletionResponse.Choice {
        let isScored = request.logprobs != nil && (first != nil || !tokens.isEmpty)
        return CompletionResponse.Choice(
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
