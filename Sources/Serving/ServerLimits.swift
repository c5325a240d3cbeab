/// What the server takes on.
public struct ServerLimits: Equatable, Sendable {
  /// Requests that are answered or wait at the same time; more get 503.
  public var requests: Int
  /// Bytes of a request's body; larger ones get 413.
  public var requestBytes: Int
  /// Connections; more wait to be accepted.
  public var connections: Int
  /// Seconds that a client may take to send a request, to take an answer, or to begin another request.
  public var patience: Int
  /// Seconds in which answers may be finished when the server shuts down.
  public var grace: Int

  public init(requests: Int, requestBytes: Int, connections: Int = 512, patience: Int = 60, grace: Int = 10) {
    (self.requests, self.requestBytes, self.connections) = (requests, requestBytes, connections)
    (self.patience, self.grace) = (patience, grace)
  }
}
