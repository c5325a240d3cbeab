import HTTPTypes
import Hummingbird
import HummingbirdCore
import ServerAPI

/// Lets in those who know the key.
struct APIKey: RouterMiddleware {
  private let expected: [UInt8]

  init(_ key: String) { expected = Array("Bearer \(key)".utf8) }

  func handle(
    _ request: Request, context: ConnectionContext, next: (Request, ConnectionContext) async throws -> Response
  ) async throws -> Response {
    guard matches(request.headers[.authorization] ?? "") else {
      throw APIError(
        status: 401, "A key is needed: send the header Authorization: Bearer KEY.", code: "invalid_api_key")
    }
    return try await next(request, context)
  }

  /// Takes as long wherever the first difference is.
  func matches(_ given: String) -> Bool {
    let given = Array(given.utf8)
    var difference = given.count ^ expected.count
    for (index, byte) in given.enumerated() { difference |= Int(byte ^ expected[index % expected.count]) }
    return difference == 0
  }
}
