import ChatTemplates
import Inference
import ServerAPI
import Tokenization

/// The answer to one `POST /v1/chat/completions`.
struct ChatCompletions: Answering {
  typealias Piece = ChatCompletionResponse.Choice
  let exchange: Exchange<ChatCompletionRequest>
  private let generation: Generation

  /// - Throws: what is wrong with the conversation.
  init(_ request: ChatCompletionRequest, _ model: ServedModel) throws(APIError) {
    exchange = try Exchange(request, model, "chatcmpl-")
    guard let chatPrompt = model.chatPrompt else {
      throw APIError("\(model.name) has no chat template, so it knows no turns; use /v1/completions.")
    }
    let prompt: [TokenID]
    do {
      prompt = try chatPrompt(
        request.messages.map { message in
          ChatMessage(
            role: message.role, content: message.content, fields: message.name.map { ["name": $0] } ?? [:])
        })
    } catch {
      throw APIError("messages: \(error)", parameter: "messages")
    }
    let maximum = try model.room(after: prompt, for: request.maximumTokens, "messages")
    generation = Generation(
      prompt, request.parameters, maximumTokens: maximum, top: request.topLogprobs,
      stopTokens: model.tokenizer.stopTokens)
  }

  func forEachPiece(
    _ ticket: RequestQueue.Ticket, _ take: (Piece) async throws -> Void
  ) async throws -> TokenUsage {
    let (model, top) = (exchange.model, exchange.request.topLogprobs)
    // Said before the prompt is read, so that whoever waits sees that the server does.
    try await take(Piece(delta: ChatCompletionResponse.Turn(role: "assistant", content: "")))
    for try await event in model.events(generation, ticket) {
      switch event {
      case .prompt: break
      case .token(let token, let text):
        guard top != nil || !text.isEmpty else { break }
        let scores = top.flatMap { top in token.map { model.tokenizer.chatLogprobs([$0], top: top) } }
        try await take(Piece(delta: ChatCompletionResponse.Turn(content: text), logprobs: scores))
      case .end(let reason, let usage):
        try await take(Piece(delta: ChatCompletionResponse.Turn(), finishReason: reason))
        return usage
      }
    }
    throw Abandoned()
  }

  func answer(_ pieces: [Piece], _ usage: TokenUsage?, isChunk: Bool) -> ChatCompletionResponse {
    ChatCompletionResponse(
      id: exchange.id, isChunk: isChunk, created: exchange.created, model: exchange.model.name,
      choices: isChunk ? pieces : pieces.map(\.asMessage), usage: usage)
  }
}
