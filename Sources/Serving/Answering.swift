import Hummingbird
import HummingbirdCore
import ServerAPI

/// A request that was understood and can be answered, at once or in pieces.
protocol Answering: Sendable {
  associatedtype Answer: Encodable
  /// Whether the answer is wanted in pieces.
  var streams: Bool { get }
  func answer(_ ticket: RequestQueue.Ticket) async throws -> (Answer, TokenUsage)
  func stream(_ ticket: RequestQueue.Ticket, to events: inout EventWriter) async throws -> TokenUsage
}

extension Answering {
  /// The HTTP response.
  ///
  /// - Parameter report: is told the numbers of tokens when the whole answer was given.
  func response(
    _ ticket: RequestQueue.Ticket, _ report: @escaping @Sendable (TokenUsage) -> Void
  ) async throws -> Response {
    if streams {
      return EventWriter.response { events in report(try await stream(ticket, to: &events)) }
    }
    let (answer, usage) = try await answer(ticket)
    report(usage)
    return try Response(json: answer)
  }
}
