import HTTPTypes
import Hummingbird
import HummingbirdCore
import ServerAPI

/// Turns errors into the protocol's form; an answer to HEAD has no body, whatever it says.
struct ErrorResponses: RouterMiddleware {
  func handle(
    _ request: Request, context: ConnectionContext, next: (Request, ConnectionContext) async throws -> Response
  ) async throws -> Response {
    let answer: Response
    do {
      answer = try await next(request, context)
    } catch let error as APIError {
      answer = try response(error)
    } catch let error as HTTPError where error.status == .notFound {
      answer = try response(
        APIError(status: 404, "There is no \(request.method) \(request.uri.path) here.", code: "not_found"))
    }
    return request.method == .head ? answer.createHeadResponse() : answer
  }

  private func response(_ error: APIError) throws -> Response {
    var response = try Response(status: HTTPResponse.Status(code: error.status), json: error)
    if error.status == 503 { response.headers[.retryAfter] = "1" }
    if error.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
    return response
  }
}
