import TextCleaning

/// What became of the records on their way into a prepared file; written beside it as JSON.
public struct DataPreparationReport: Equatable, Sendable, Encodable, CustomStringConvertible {
  let output: String
  let form: ConversationForm
  /// The cleaning rules that ran, in order, and their options.
  let rules: [CleaningRule]
  let options: CleaningOptions
  let joinsParts: Bool
  /// What split_long measured in.
  var lengthUnit = ""
  private(set) var files: [ReadingReport] = []
  private(set) var joining = ConversationJoining.Counts()
  private(set) var cleaning = CleaningReport()
  /// Conversations read, and those written, with their turns, characters and bytes of JSON.
  private(set) var conversationsRead = 0
  public private(set) var conversations = 0
  private(set) var turns = 0
  private(set) var characters = 0
  var bytes = 0

  init(output: String, form: ConversationForm, rules: ConversationRules) {
    (self.output, self.form) = (output, form)
    (self.rules, options, joinsParts) = (rules.cleaning.usedRules, rules.cleaning, rules.joinsParts)
  }

  mutating func count(_ conversation: Conversation) {
    conversations += 1
    turns += conversation.turns.count
    characters += conversation.turns.reduce(0) { $0 + $1.content.unicodeScalars.count }
  }

  mutating func take(_ report: CorpusReport) {
    (files, joining, cleaning) = (report.files, report.joining, report.cleaning)
    conversationsRead = report.conversations
  }

  /// Endings of files that are not whole, in words.
  public var warnings: [String] { files.compactMap(\.warning) }

  /// The report as a text table.
  public var description: String {
    var lines = files.map(\.summary)
    func line(_ name: String, _ count: Int) {
      lines.append(name.padded(to: 44) + String(count).padded(to: 12, onTheLeft: true))
    }
    line("conversations read", conversationsRead)
    for (kind, count) in files.issueCounts { line("  records with \(kind)", count) }
    if joining.joinedParts > 0 {
      line("parts joined to an earlier one", joining.joinedParts)
      line("  turns repeated between parts", joining.repeatedTurns)
    }
    lines.append("")
    let columns = ["left out", "changed", "turns", "added"]
    lines.append("rule".padded(to: 20) + columns.map { $0.padded(to: 12, onTheLeft: true) }.joined())
    for rule in rules {
      let counts = cleaning[rule]
      let cells = [counts.dropped, counts.changed, counts.turns, counts.added]
      lines.append(rule.rawValue.padded(to: 20) + cells.map { String($0).padded(to: 12, onTheLeft: true) }.joined())
    }
    lines.append("")
    if cleaning.pairsLongerThanSplit > 0 {
      line("chats with a pair of turns over the limit", cleaning.pairsLongerThanSplit)
    }
    line("conversations written", conversations)
    line("turns", turns)
    line("characters", characters)
    return lines.joined(separator: "\n")
  }
}
