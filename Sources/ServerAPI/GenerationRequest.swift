/// What requests for completions and for chats have in common.
public protocol GenerationRequest: Decodable, Sendable {
  var parameters: GenerationParameters { get }
}

extension CompletionRequest: GenerationRequest {}
extension ChatCompletionRequest: GenerationRequest {}
