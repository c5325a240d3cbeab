import TextCleaning

/// What each cleaning rule did.
struct CleaningReport: Equatable, Sendable, Codable {
  /// One rule's work.
  struct Counts: Equatable, Sendable, Codable {
    /// Conversations left out.
    var dropped = 0
    /// Conversations changed or cut.
    var changed = 0
    /// Turns changed or taken off.
    var turns = 0
    /// Conversations more than before.
    var added = 0
  }

  /// By the rules' names.
  private(set) var rules: [String: Counts] = [:]
  /// Conversations by language, where the rule `language` looked at it.
  var languages: [String: Int] = [:]
  /// Conversations with one pair of turns longer than `split_long` allows; the pair is kept whole.
  var pairsLongerThanSplit = 0

  subscript(rule: CleaningRule) -> Counts {
    get { rules[rule.rawValue] ?? Counts() }
    set { rules[rule.rawValue] = newValue }
  }

  /// Counts for another part of the data, added.
  mutating func add(_ changes: [CleaningRule: Counts]) {
    for (rule, counts) in changes {
      self[rule].dropped += counts.dropped
      self[rule].changed += counts.changed
      self[rule].turns += counts.turns
      self[rule].added += counts.added
    }
  }
}
