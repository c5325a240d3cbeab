/// Applies the rules for turns to a stream of conversations, and takes documents with the same turns once.
struct DocumentSelection {
  let rules: ConversationRules
  private var seen = Set<ContentDigest>()

  init(_ rules: ConversationRules) { self.rules = rules }

  /// The documents of some conversations, each with the hash of its chat.
  mutating func documents(
    from items: [DocumentStream.Document], _ counts: inout CorpusReport.Rules
  ) -> [(conversation: Conversation, key: UInt64)] {
    var documents: [(conversation: Conversation, key: UInt64)] = []
    for item in items {
      for document in rules.documents(from: item.conversation, &counts) {
        let digest = CorpusFingerprint.digest(of: document.turns)
        if rules.dropsDuplicates, !seen.insert(digest).inserted {
          counts.duplicates += 1
        } else {
          documents.append((document, item.chat.isEmpty ? digest.low : CorpusFingerprint.digest(of: item.chat).low))
        }
      }
    }
    return documents
  }
}
