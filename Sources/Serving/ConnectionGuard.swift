import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes connections of clients that have gone or that hold the server up, and tells those that ask first to send their
/// body (`Expect: 100-continue`).
///
/// A client that ends its half of the connection has gone: nobody waits for the answer. A request must be complete within
/// some seconds after its head, and who takes no answer for so long loses the connection, too. Nothing is read after the last
/// answer, so that the client's end would not be seen: the connection is closed a second later.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let patience: TimeAmount
  private let onClose: @Sendable () -> Void
  private var request: Scheduled<Void>?
  private var stall: Scheduled<Void>?
  private var last: Scheduled<Void>?
  /// Requests that were read whole and are not answered yet.
  private var unanswered = 0

  /// - Parameter onClose: is told that the connection has ended.
  init(patience: TimeAmount, onClose: @escaping @Sendable () -> Void) {
    (self.patience, self.onClose) = (patience, onClose)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      request = closing(context.channel)
      // Not into the answer to an earlier request; a client that hears nothing sends its body after a moment.
      if unanswered == 0, head.headerFields[.expect]?.lowercased() == "100-continue" {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
      }
    case .body: break
    case .end:
      request?.cancel()
      unanswered += 1
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { unanswered -= 1 }
    context.write(data, promise: promise)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    stall?.cancel()
    stall = context.channel.isWritable ? nil : closing(context.channel)
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode == .output { last = closing(context.channel, in: .seconds(1)) }
    context.close(mode: mode, promise: promise)
  }

  func channelInactive(context: ChannelHandlerContext) {
    request?.cancel()
    stall?.cancel()
    last?.cancel()
    onClose()
    context.fireChannelInactive()
  }

  private func closing(_ channel: any Channel, in time: TimeAmount? = nil) -> Scheduled<Void> {
    channel.eventLoop.scheduleTask(in: time ?? patience) { channel.close(promise: nil) }
  }
}
