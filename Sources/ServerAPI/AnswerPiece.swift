/// A piece of an answer, or all pieces so far put together.
public protocol AnswerPiece: Sendable {
  /// Which of a request's answers it belongs to, from 0.
  var index: Int { get }
  /// Adds what comes next of the same answer.
  mutating func append(_ more: Self)
}

extension CompletionResponse.Choice: AnswerPiece {}
extension ChatCompletionResponse.Choice: AnswerPiece {}
