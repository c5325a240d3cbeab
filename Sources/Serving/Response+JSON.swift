import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ServerAPI

extension Response {
  /// A response of one JSON object.
  init(status: HTTPResponse.Status = .ok, json value: some Encodable) throws {
    self.init(
      status: status, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try APIMessage.encode(value))))
  }
}

extension Request {
  /// The body as a request of the protocol.
  ///
  /// - Throws: an error of status 415, 413 or 400.
  func decoded<Body: Decodable>(as type: Body.Type, upTo mostBytes: Int) async throws -> Body {
    // A browser sends this type to another site only after asking, and is not answered: a web page cannot use the model.
    guard headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
      throw APIError(
        status: 415, "The body must be JSON; send it with the header Content-Type: application/json.",
        code: "unsupported_media_type")
    }
    do {
      let bytes = try await body.collect(upTo: mostBytes)
      return try APIMessage.decode(type, from: Data(bytes.readableBytesView))
    } catch is NIOTooManyBytesError {
      throw APIError(
        status: 413,
        "The body is larger than \(mostBytes) bytes; shorten it, or start the server with a larger "
          + "--request-bytes.", code: "request_too_large")
    }
  }
}
