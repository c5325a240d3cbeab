import Hummingbird
import HummingbirdCore
import ServerAPI

/// A request that was understood and can be answered, at once or in pieces.
protocol Answering: Sendable {
  associatedtype Body: GenerationRequest
  associatedtype Piece: AnswerPiece
  associatedtype Answer: Encodable, Sendable
  var exchange: Exchange<Body> { get }
  /// Hands the answers out as they are written, piece by piece, one answer after the other.
  func forEachPiece(_ ticket: RequestQueue.Ticket, _ take: (Piece) async throws -> Void) async throws -> TokenUsage
  /// What is sent: of a stream (`isChunk`) one piece or the usage, else the whole answers.
  func answer(_ pieces: [Piece], _ usage: TokenUsage?, isChunk: Bool) -> Answer
}

extension Answering {
  /// The HTTP response.
  ///
  /// - Parameter report: is told the numbers of tokens when the whole answer was given.
  func response(
    _ ticket: RequestQueue.Ticket, _ report: @escaping @Sendable (TokenUsage) -> Void
  ) async throws -> Response {
    let parameters = exchange.request.parameters
    if parameters.stream {
      return EventWriter.response { events in
        let usage = try await forEachPiece(ticket) { try await events.send(answer([$0], nil, isChunk: true)) }
        if parameters.streamsUsage { try await events.send(answer([], usage, isChunk: true)) }
        report(usage)
      }
    }
    var whole: [Piece] = []
    let usage = try await forEachPiece(ticket) { piece in
      if piece.index < whole.count { whole[piece.index].append(piece) } else { whole.append(piece) }
    }
    report(usage)
    return try Response(json: answer(whole, usage, isChunk: false))
  }
}
