extension CorpusReport {
  /// How many of the template's refusals keep their words.
  static let keptRefusals = 5

  /// Counts what became of one conversation.
  mutating func note(_ result: Result<EncodedDocument, ConversationEncoder.Refusal>, of conversation: Conversation) {
    switch result {
    case .success(let document):
      encoding.assistantTurns += document.assistantTurns
      encoding.endedTurns += document.endedTurns
      encoding.straddlingTokens += document.straddlingTokens
      encoding.plainTexts += conversation.isText ? 1 : 0
      encoding.addedBOS += document.hasAddedBOS ? 1 : 0
      encoding.withControlText += document.hasControlText ? 1 : 0
      count(
        tokens: document.tokens.count, labelled: document.labelled.count { $0 == 1 }, turns: document.turns)
    case .failure(.template(let words)):
      encoding.refusedByTemplate += 1
      keep("\(conversation.location): \(words)")
    case .failure(.noTemplate):
      encoding.refusedByTemplate += 1
      keep("\(conversation.location): a chat, and no chat template")
    case .failure(.noLabels): encoding.withoutLabels += 1
    case .failure(.unwritable): encoding.unwritable += 1
    }
  }

  private mutating func keep(_ words: String) {
    if encoding.firstRefusals.count < Self.keptRefusals { encoding.firstRefusals.append(words) }
  }
}
