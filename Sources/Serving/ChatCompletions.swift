import ChatTemplates
import FoundationEssentials
import Hummingbird
import Inference
import ServerAPI
import Tokenization

/// The answer to one `POST /v1/chat/completions`.
struct ChatCompletions: Answering {
  private let model: ServedModel
  private let request: ChatCompletionRequest
  private let generation: Generation
  private let id = "chatcmpl-" + UUID().uuidString
  private let created = Int(Date().timeIntervalSince1970)

  var streams: Bool { request.parameters.stream }

  /// - Throws: what is wrong with the conversation.
  init(_ request: ChatCompletionRequest, _ model: ServedModel) throws(APIError) {
    (self.request, self.model) = (request, model)
    try model.check(isNamed: request.parameters.model)
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

  func answer(_ ticket: RequestQueue.Ticket) async throws -> (ChatCompletionResponse, TokenUsage) {
    var turn = "", tokens: [GeneratedToken] = []
    let (reason, usage) = try await forEachPiece(ticket) { text, token in
      turn += text
      if let token { tokens.append(token) }
    }
    let choice = ChatCompletionResponse.Choice(
      message: ChatCompletionResponse.Turn(role: "assistant", content: turn), logprobs: logprobs(tokens),
      finishReason: reason)
    return (response(isChunk: false, [choice], usage), usage)
  }

  func stream(_ ticket: RequestQueue.Ticket, to events: inout EventWriter) async throws -> TokenUsage {
    func chunk(_ delta: ChatCompletionResponse.Turn, _ token: GeneratedToken? = nil, _ reason: FinishReason? = nil)
      -> ChatCompletionResponse
    {
      let choice = ChatCompletionResponse.Choice(
        delta: delta, logprobs: token.flatMap { logprobs([$0]) }, finishReason: reason)
      return response(isChunk: true, [choice])
    }
    // Said before the prompt is read, so that whoever waits sees that the server does.
    try await events.send(chunk(ChatCompletionResponse.Turn(role: "assistant", content: "")))
    let (reason, usage) = try await forEachPiece(ticket) { text, token in
      try await events.send(chunk(ChatCompletionResponse.Turn(content: text), token))
    }
    try await events.send(chunk(ChatCompletionResponse.Turn(), nil, reason))
    if request.parameters.streamsUsage { try await events.send(response(isChunk: true, [], usage)) }
    return usage
  }

  private func response(
    isChunk: Bool, _ choices: [ChatCompletionResponse.Choice], _ usage: TokenUsage? = nil
  ) -> ChatCompletionResponse {
    ChatCompletionResponse(
      id: id, isChunk: isChunk, created: created, model: model.name, choices: choices, usage: usage)
  }

  private func logprobs(_ tokens: [GeneratedToken]) -> ChatLogprobs? {
    request.topLogprobs.map { model.tokenizer.chatLogprobs(tokens, top: $0) }
  }

  private func forEachPiece(
    _ ticket: RequestQueue.Ticket, _ take: (String, GeneratedToken?) async throws -> Void
  ) async throws -> (FinishReason, TokenUsage) {
    for try await event in model.events(generation, ticket) {
      switch event {
      case .prompt: break
      case .token(let token, let text):
        if request.topLogprobs != nil || !text.isEmpty { try await take(text, token) }
      case .end(let reason, let usage): return (reason, usage)
      }
    }
    throw Abandoned()
  }
}
