import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import ServerAPI

/// Writes server-sent events, each with a JSON object.
struct EventWriter {
  private var writer: any ResponseBodyWriter

  /// Sends one event.
  mutating func send(_ value: some Encodable) async throws { try await send(line: try APIMessage.encode(value)) }

  private mutating func send(line: some Sequence<UInt8>) async throws {
    try await writer.write(ByteBuffer(bytes: Array("data: ".utf8) + line + Array("\n\n".utf8)))
  }

  /// A response whose events `write` sends; the last one is `[DONE]`.
  ///
  /// What goes wrong after the head was sent becomes an event, as there is no other place for it.
  static func response(_ write: @escaping @Sendable (inout EventWriter) async throws -> Void) -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-cache"],
      body: ResponseBody { writer in
        var events = EventWriter(writer: writer)
        do {
          try await write(&events)
          try await events.send(line: Array("[DONE]".utf8))
        } catch let error as APIError {
          try await events.send(error)
        }
        try await writer.finish(nil)
      })
  }
}
