import ChatTemplates
import Foundation
import Inference
import LlamaModel
import Logging
import NIOCore
import NIOPosix
import Serving
import TensorCore
import TestSupport
import Testing
import Tokenization

/// A server of a tiny random model, at a port of its own on this machine.
struct TestServer: Sendable {
  static let model = Result { try made() }
  let port: Int
  let engine: InferenceEngine

  private static func made() throws -> (Llama, Tokenizer) {
    let tokenizer = try ByteTokenizer.make()
    return (Llama.random(.tiny(vocabularySize: tokenizer.tokenCount), scale: 0.5).frozen(), tokenizer)
  }

  /// Runs `body` beside a server and then shuts it down; what is still under way is ended at once.
  ///
  /// - Parameter weights: takes the place of every weight of the model.
  static func with(
    context: Int = 512, requests: Int = 16, requestBytes: Int = 65_536, patience: Int = 60, apiKey: String? = nil,
    hasChat: Bool = true, weights: Float? = nil, _ body: (TestServer) async throws -> Void
  ) async throws {
    let (random, tokenizer) = try model.get()
    let ruined = weights.map { weight in
      Llama(random.configuration) { Tensor($0.shape, [Float](repeating: weight, count: $0.shape.count)) }
    }
    let engine = InferenceEngine(ruined ?? random, tokenizer, context: context, keptBytes: 1 << 24)
    let chat: @Sendable ([ChatMessage]) throws -> [TokenID] = { messages in
      tokenizer.promptTokens(messages.map { "[\($0.role)] \($0.content)\n" }.joined() + "[assistant] ")
    }
    let server = ModelServer(
      ServedModel(name: "tiny", engine: engine, created: 1, chatPrompt: hasChat ? chat : nil),
      ServerLimits(requests: requests, requestBytes: requestBytes, patience: patience, grace: 0), apiKey: apiKey)
    let (ports, listening) = AsyncStream<Int>.makeStream(), (ends, end) = AsyncStream<Void>.makeStream()
    async let ended: Void = {
      defer { listening.finish() }
      try await server.run(
        host: "127.0.0.1", port: 0, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        onListening: { listening.yield($0) }, until: { for await _ in ends {} })
    }()
    var iterator = ports.makeAsyncIterator()
    if let port = await iterator.next() {
      do { try await body(TestServer(port: port, engine: engine)) } catch {
        end.finish()
        throw error
      }
    }
    end.finish()
    try await ended
  }

  /// Sends bytes and takes what comes, until the server closes the connection or `isEnough`, asked after each piece.
  @discardableResult func exchange(
    _ bytes: String, until isEnough: (String) -> Bool = { _ in false }
  ) async throws -> String {
    try await connected(sending: bytes) { inbound in
      var answer: [UInt8] = []
      do {
        for try await piece in inbound {
          answer += piece.readableBytesView
          if isEnough(String(decoding: answer, as: UTF8.self)) { break }
        }
      } catch is IOError {}
      return String(decoding: answer, as: UTF8.self)
    }
  }

  /// Sends bytes, takes nothing, and goes away when `isTime` returns.
  func abandon(_ bytes: String, when isTime: () async throws -> Void) async throws {
    try await connected(sending: bytes) { _ in try await isTime() }
  }

  private func connected<Result>(
    sending bytes: String, _ body: (NIOAsyncChannelInboundStream<ByteBuffer>) async throws -> Result
  ) async throws -> Result {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connect(
      host: "127.0.0.1", port: port
    ) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
    return try await channel.executeThenClose { inbound, outbound in
      // A server that has closed its side already is no failure of the test.
      try? await outbound.write(ByteBuffer(string: bytes))
      return try await body(inbound)
    }
  }

  /// One whole request.
  func request(
    _ method: String, _ path: String, _ body: String? = nil, headers: [String] = ["Content-Type: application/json"]
  ) async throws -> Answer {
    let lines = ["\(method) \(path) HTTP/1.1", "Host: test", "Connection: close"] + headers
    let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
    return try Answer(try await exchange((lines + length + ["", body ?? ""]).joined(separator: "\r\n")))
  }

  func post(_ path: String, _ body: String) async throws -> Answer { try await request("POST", path, body) }

  /// The tokens that the server finds in a text.
  func tokens(_ text: String) -> [TokenID] { engine.tokenizer.promptTokens(text) }

  /// The greedy continuation of a prompt, computed here.
  func continuation(_ prompt: [TokenID], _ count: Int) -> GeneratedText {
    var session = Session(engine.model, context: engine.context)
    session.read(prompt)
    return session.generateText(
      GenerationOptions(maximumTokens: count, stopTokens: engine.tokenizer.stopTokens), engine.tokenizer)
  }
}

/// What a server answered.
struct Answer {
  var status: Int
  var head: String
  var body: String

  init(_ text: String) throws {
    let end = try #require(text.firstRange(of: "\r\n\r\n"), "no HTTP: \(text.prefix(100))")
    (head, body) = (String(text[..<end.lowerBound]), String(text[end.upperBound...]))
    status = try #require(head.split(separator: " ").dropFirst().first.flatMap { Int($0) })
  }

  /// The body as an object.
  var json: [String: Any] {
    get throws {
      try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any], "\(body.prefix(200))")
    }
  }
  var choices: [[String: Any]] { get throws { try #require(try json["choices"] as? [[String: Any]]) } }
  var usage: [String: Any] { get throws { try #require(try json["usage"] as? [String: Any]) } }
  var errorCode: String? { get throws { (try json["error"] as? [String: Any])?["code"] as? String } }

  /// The data of the events of a stream; the last is `[DONE]` where the stream was whole.
  var events: [String] {
    body.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
  }
  /// The choices of all events.
  var eventChoices: [[String: Any]] {
    get throws {
      try events.filter { $0 != "[DONE]" }.flatMap { event in
        let json = try JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: Any]
        return json?["choices"] as? [[String: Any]] ?? []
      }
    }
  }
}
