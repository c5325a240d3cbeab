import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
import ServerAPI
import ServiceLifecycle

/// A model behind OpenAI's protocol.
public struct ModelServer: Sendable {
  private let model: ServedModel
  private let limits: ServerLimits
  private let apiKey: String?
  private let report: @Sendable (RequestReport) -> Void
  private let queue: RequestQueue

  /// - Parameters:
  ///   - apiKey: what clients must know; nil lets everybody in.
  ///   - report: is told of each answer that was given whole.
  public init(
    _ model: ServedModel, _ limits: ServerLimits, apiKey: String? = nil,
    report: @escaping @Sendable (RequestReport) -> Void = { _ in }
  ) {
    (self.model, self.limits, self.apiKey, self.report) = (model, limits, apiKey, report)
    queue = RequestQueue(capacity: limits.requests)
  }

  /// Answers until `stopping` returns; then lets answers under way end within the seconds of grace, and refuses others.
  ///
  /// - Parameters:
  ///   - port: 0 for any that is free.
  ///   - onListening: is told the port.
  /// - Throws: why it cannot listen there.
  public func run(
    host: String, port: Int, logger: Logger, onListening: @escaping @Sendable (Int) -> Void,
    until stopping: @escaping @Sendable () async -> Void
  ) async throws {
    let patience = TimeAmount.seconds(Int64(limits.patience)), queue = queue
    let application = Application(
      router: router,
      server: .http1(
        configuration: HTTP1Channel.Configuration(
          additionalChannelHandlers: [ConnectionGuard(patience: patience, onClose: queue.releaseAbandoned)],
          idleTimeout: patience)),
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: port), serverName: nil,
        availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
      onServerRunning: { channel in onListening(channel.localAddress?.port ?? port) },
      eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), logger: logger)
    var configuration = ServiceGroupConfiguration(
      services: [application, Drain(queue: queue, grace: .seconds(limits.grace))], logger: logger)
    // What is still there then, such as a request that is never completed, is cut off.
    configuration.maximumGracefulShutdownDuration = .seconds(limits.grace + 2)
    let group = ServiceGroup(configuration: configuration)
    async let asked: Void = {
      await stopping()
      await group.triggerGracefulShutdown()
    }()
    try await group.run()
    await asked
  }

  private var router: Router<ConnectionContext> {
    let router = Router(context: ConnectionContext.self, options: .autoGenerateHeadEndpoints), model = model,
      queue = queue
    router.add(middleware: ErrorResponses())
    router.get("health") { _, _ in try Response(json: Health(requests: queue.count, waiting: queue.waiting)) }
    let api = router.group("v1")
    if let apiKey { api.add(middleware: APIKey(apiKey)) }
    api.get("models") { _, _ in try Response(json: ModelList(data: [model.description])) }
    api.get("models/**") { _, context in
      let name = context.parameters.getCatchAll().joined(separator: "/")
      try model.check(isNamed: name.removingPercentEncoding ?? name)
      return try Response(json: model.description)
    }
    add("completions", to: api) { try Completions($0, model) }
    add("chat/completions", to: api) { try ChatCompletions($0, model) }
    return router
  }

  /// A path whose requests are understood by `understood`, then admitted, then answered.
  private func add<Answer: Answering>(
    _ path: String, to api: RouterGroup<ConnectionContext>,
    _ understood: @escaping @Sendable (Answer.Body) throws -> Answer
  ) {
    api.post(RouterPath(path)) { [queue, limits, report] request, context in
      let start = ContinuousClock.now, channel = context.channel
      let answer = try understood(try await request.decoded(as: Answer.Body.self, upTo: limits.requestBytes))
      let ticket = try queue.admit { channel.isActive }
      return try await answer.response(ticket) { usage in
        report(
          RequestReport(path: request.uri.path, usage: usage, seconds: (ContinuousClock.now - start) / .seconds(1)))
      }
    }
  }
}

/// An answer that was given.
public struct RequestReport: Sendable {
  public var path: String
  public var promptTokens: Int
  public var cachedTokens: Int
  public var completionTokens: Int
  public var seconds: Double

  init(path: String, usage: TokenUsage, seconds: Double) {
    (self.path, self.seconds) = (path, seconds)
    (promptTokens, completionTokens) = (usage.promptTokens, usage.completionTokens)
    cachedTokens = usage.promptDetails.cachedTokens
  }
}

/// Ends the requests when the server shuts down: those that wait at once, those under way when the grace is over.
private struct Drain: Service {
  let queue: RequestQueue
  let grace: Duration

  func run() async throws {
    try await gracefulShutdown()
    queue.close()
    let end = ContinuousClock.now + grace
    while queue.count > 0, .now < end { try await Task.sleep(for: .milliseconds(20)) }
    queue.end()
  }
}
