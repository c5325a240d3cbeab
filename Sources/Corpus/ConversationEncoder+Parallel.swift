import Dispatch
import Synchronization
import Tokenization

extension ConversationEncoder {
  /// Encodes conversations on all cores; results stand in the order of the conversations.
  func encode(_ conversations: [Conversation]) -> [Result<EncodedDocument, Refusal>] {
    let results = Results()
    DispatchQueue.concurrentPerform(iterations: conversations.count) { index in
      let result = Result { () throws(Refusal) in try encode(conversations[index]) }
      results.slots.withLock { $0[index] = result }
    }
    let slots = results.slots.withLock { $0 }
    return conversations.indices.compactMap { slots[$0] }
  }

  private final class Results: Sendable {
    let slots = Mutex<[Int: Result<EncodedDocument, Refusal>]>([:])
  }
}
