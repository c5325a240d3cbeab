/// A refusal in OpenAI's form: `{"error": {"message", "type", "param", "code"}}`.
public struct APIError: Error, Equatable, Sendable {
  /// The HTTP status.
  public var status: Int
  public var message: String
  /// The field of the request that is meant.
  public var parameter: String?
  /// A name for programs, such as `context_length_exceeded`.
  public var code: String?

  public init(status: Int = 400, _ message: String, parameter: String? = nil, code: String? = nil) {
    (self.status, self.message, self.parameter, self.code) = (status, message, parameter, code)
  }

  /// What OpenAI calls the kind of error.
  public var type: String {
    switch status {
    case 500...: "server_error"
    case 429: "rate_limit_error"
    case 401: "authentication_error"
    default: "invalid_request_error"
    }
  }
}

extension APIError: Encodable {
  private enum CodingKeys: CodingKey { case error }
  private struct Body: Encodable {
    var message: String
    var type: String
    @OrNull var param: String?
    @OrNull var code: String?
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Body(message: message, type: type, param: parameter, code: code), forKey: .error)
  }
}
