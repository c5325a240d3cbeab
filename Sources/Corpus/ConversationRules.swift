public import TextCleaning

/// Named rules that turn records into documents; each use of a rule is counted in the report.
///
/// In this order: parts of one chat are joined (`ConversationJoining`); the cleaning rules run (`CleaningRule`); an empty turn ends a document, and what
/// follows it, up to the next user turn, is left out; consecutive turns of one role become one turn (joined by an empty
/// line, learned only if every one of them is); an assistant turn that nobody asked for is kept or left out; turns
/// behind the last assistant turn, which teach nothing, are left out; a document that equals an earlier one is left out.
public struct ConversationRules: Equatable, Sendable, Codable {
  /// What to do with an assistant turn at the start.
  public enum LeadingAssistant: String, Sendable, Codable, CaseIterable {
    /// It stays and is learned. Templates that insist on the user's turn first refuse such a document.
    case keep
    /// It is left out.
    case drop
  }

  /// Parts of one chat are joined again.
  public var joinsParts: Bool
  public var leadingAssistant: LeadingAssistant
  /// Documents with the same turns as an earlier one are left out.
  public var dropsDuplicates: Bool
  /// How plain text files become documents. Plain texts pass the rules for turns as they are, if they have words.
  public var text: TextLayout
  /// Which cleaning rules run; none unless asked for.
  public var cleaning: CleaningOptions

  public init(
    joinsParts: Bool = true, leadingAssistant: LeadingAssistant = .keep, dropsDuplicates: Bool = true,
    text: TextLayout = .whole, cleaning: CleaningOptions = CleaningOptions()
  ) {
    (self.joinsParts, self.leadingAssistant, self.dropsDuplicates) = (joinsParts, leadingAssistant, dropsDuplicates)
    (self.text, self.cleaning) = (text, cleaning)
  }

  /// Changes when the same rules would give other documents than before; part of a cache's fingerprint.
  static let version = 1

  /// Applies the rules for turns to one joined conversation.
  ///
  /// - Returns: documents, none of them empty, each with at least one assistant turn or a plain text.
  func documents(from conversation: Conversation, _ counts: inout CorpusReport.Rules) -> [Conversation] {
    if conversation.isText {
      if conversation.turns.allSatisfy(\.isEmpty) { counts.emptyTurns += 1 } else { return [conversation] }
      return []
    }
    var documents: [Conversation] = []
    for turns in split(conversation.turns, &counts) {
      var turns = merged(turns, &counts)
      if let first = turns.firstIndex(where: { $0.role != .system }), turns[first].role == .assistant {
        counts.leadingAssistantTurns += 1
        if leadingAssistant == .drop {
          turns.remove(at: first)
          counts.droppedLeadingTurns += 1
        }
      }
      guard let last = turns.lastIndex(where: { $0.role == .assistant }) else {
        counts.withoutAssistant += 1
        continue
      }
      counts.trailingTurns += turns.count - 1 - last
      documents.append(
        Conversation(id: conversation.id, turns: Array(turns[...last]), location: conversation.location))
    }
    return documents
  }

  /// Ends a document at each empty turn and begins the next at the user's turn behind it.
  private func split(_ turns: [Turn], _ counts: inout CorpusReport.Rules) -> [[Turn]] {
    var parts: [[Turn]] = [[]]
    var isWaiting = false
    for turn in turns {
      if turn.isEmpty {
        counts.emptyTurns += 1
        if turn.role == .system { continue }
        isWaiting = true
      } else if isWaiting, turn.role != .user {
        counts.turnsBehindEmpty += 1
      } else if isWaiting {
        isWaiting = false
        parts.append([turn])
      } else {
        parts[parts.count - 1].append(turn)
      }
    }
    return parts.filter { !$0.isEmpty }
  }

  private func merged(_ turns: [Turn], _ counts: inout CorpusReport.Rules) -> [Turn] {
    var merged: [Turn] = []
    for turn in turns {
      guard let last = merged.last, last.role == turn.role else {
        merged.append(turn)
        continue
      }
      counts.mergedTurns += 1
      merged[merged.count - 1] = Turn(
        turn.role, last.content + "\n\n" + turn.content, isTrained: last.isTrained && turn.isTrained)
    }
    return merged
  }
}
