extension ConversationEncoder {
  /// Encodes conversations on all cores; results stand in the order of the conversations.
  func encode(_ conversations: [Conversation]) -> [Result<EncodedDocument, Refusal>] {
    parallelMap(conversations) { conversation in
      Result { () throws(Refusal) in try encode(conversation) }
    }
  }
}
