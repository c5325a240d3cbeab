import Hummingbird
import NIOCore

/// What is known of a request beside its own words.
struct ConnectionContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection on which it came.
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    (coreContext, channel) = (CoreRequestContextStorage(source: source), source.channel)
  }
}
