import TextCleaning

/// What the cleaning rules find in one conversation, whatever the others hold.
struct ConversationSieve: Sendable {
  /// A conversation of fewer characters is too short.
  static let fewestCharacters = 16

  /// One conversation behind the rules that need no other.
  struct Sifted: Sendable {
    /// The rule that left it out; the rest is then empty.
    var droppedBy: CleaningRule?
    var counts: [CleaningRule: CleaningReport.Counts] = [:]
    var id = ""
    /// Hash of the first question and the first answer.
    var opening: ContentDigest?
    var language: Language?
    var repeatsADigit = false
    var hasLongPair = false
    var parts: [Part] = []
  }

  /// A conversation, or what `split_long` makes of it.
  struct Part: Sendable {
    var conversation: Conversation
    var countsOneTwice = false
    var digest: ContentDigest?
    var signature: [UInt32] = []
  }

  private let options: CleaningOptions
  private let minHash: MinHash
  private let length: @Sendable (String) -> Int

  init(_ options: CleaningOptions, length: @escaping @Sendable (String) -> Int) {
    self.options = options
    self.length = length
    minHash = MinHash(options.nearDuplicates)
  }

  /// Applies the rules to one conversation; a plain text meets only those for languages and duplicates.
  func sift(_ conversation: Conversation) -> Sifted {
    var sifted = Sifted(id: conversation.id)
    var conversation = conversation
    if !conversation.isText, let rule = tidy(&conversation, &sifted.counts) {
      sifted.counts[rule, default: .init()].dropped += 1
      sifted.droppedBy = rule
      return sifted
    }
    let texts = conversation.turns.map(\.content)
    if options.uses(.language) { sifted.language = Language(of: texts) }
    if conversation.isText {
      sifted.parts = [part(conversation)]
      return sifted
    }
    if options.uses(.duplicateOpenings) { sifted.opening = opening(of: conversation) }
    sifted.repeatsADigit = options.uses(.repeatedDigits) && texts.contains(where: TextPattern.repeatsADigit)
    if options.uses(.splitLong), let limit = options.splitLength {
      let parts = ConversationSplitting.parts(of: conversation, longest: limit, length)
      sifted.hasLongPair = parts.hasLongPair
      sifted.parts = parts.conversations.map(part)
    } else {
      sifted.parts = [part(conversation)]
    }
    return sifted
  }

  // MARK: Rules of one conversation

  /// Changes the turns; gives the rule that leaves the conversation out, if one does.
  private func tidy(
    _ conversation: inout Conversation, _ counts: inout [CleaningRule: CleaningReport.Counts]
  ) -> CleaningRule? {
    rewrite(.htmlToMarkdown, &conversation, &counts) { turn in
      turn.role == .assistant ? HTMLFragment(turn.content)?.markdown : nil
    }
    rewrite(.interfaceText, &conversation, &counts) { InterfaceText.removed(from: $0.content) }
    let turns = conversation.turns
    if options.uses(.rateLimit),
      turns.contains(where: { $0.role == .assistant && TextPattern.isRateLimitNotice($0.content) })
    {
      return .rateLimit
    }
    if options.uses(.plugins), conversation.hasPlugins { return .plugins }
    if options.uses(.vendorNames), turns.contains(where: { TextPattern.namesVendor($0.content) }) {
      return .vendorNames
    }
    if options.uses(.unprintableTurns),
      let end = turns.firstIndex(where: { $0.isEmpty || TextPattern.beginsUnprintably($0.content) })
    {
      cut(to: 0..<end, by: .unprintableTurns, &conversation, &counts)
    }
    if options.uses(.roleOrder), !order(&conversation, &counts) { return .roleOrder }
    if options.uses(.tooShort) {
      let spoken = conversation.turns.filter { $0.role != .system }
      let isLong =
        spoken.count > 1 && spoken.reduce(0) { $0 + $1.content.unicodeScalars.count } >= Self.fewestCharacters
      if !isLong { return .tooShort }
    }
    return conversation.turns.isEmpty ? .unprintableTurns : nil
  }

  private func rewrite(
    _ rule: CleaningRule, _ conversation: inout Conversation, _ counts: inout [CleaningRule: CleaningReport.Counts],
    _ body: (Turn) -> String?
  ) {
    guard options.uses(rule) else { return }
    var changed = 0
    for index in conversation.turns.indices {
      let turn = conversation.turns[index]
      if let content = body(turn), content != turn.content {
        conversation.turns[index].content = content
        changed += 1
      }
    }
    if changed > 0 { counts[rule] = CleaningReport.Counts(changed: 1, turns: changed) }
  }

  private func cut(
    to range: Range<Int>, by rule: CleaningRule, _ conversation: inout Conversation,
    _ counts: inout [CleaningRule: CleaningReport.Counts]
  ) {
    counts[rule] = CleaningReport.Counts(changed: 1, turns: conversation.turns.count - range.count)
    conversation.turns = Array(conversation.turns[range])
  }

  /// System turns in front, then question and answer in turn; false when it cannot be had.
  private func order(
    _ conversation: inout Conversation, _ counts: inout [CleaningRule: CleaningReport.Counts]
  ) -> Bool {
    let start = conversation.turns.prefix { $0.role == .system }.count
    var turns = conversation.turns
    if start < turns.count, turns[start].role == .assistant { turns.remove(at: start) }
    if turns.count > start, turns.last?.role == .user { turns.removeLast() }
    let alternates = turns[start...].enumerated().allSatisfy { index, turn in
      turn.role == (index.isMultiple(of: 2) ? .user : .assistant)
    }
    guard alternates, turns.count > start else { return false }
    if turns.count < conversation.turns.count {
      counts[.roleOrder] = CleaningReport.Counts(changed: 1, turns: conversation.turns.count - turns.count)
      conversation.turns = turns
    }
    return true
  }

  // MARK: What tells conversations apart

  private func opening(of conversation: Conversation) -> ContentDigest? {
    guard let question = conversation.turns.first(where: { $0.role == .user }),
      let answer = conversation.turns.first(where: { $0.role == .assistant })
    else { return nil }
    return CorpusFingerprint.digest(of: [question, answer])
  }

  private func part(_ conversation: Conversation) -> Part {
    var part = Part(conversation: conversation)
    let texts = conversation.turns.map(\.content)
    part.countsOneTwice =
      options.uses(.wrongFormat) && !conversation.isText && texts.contains(where: TextPattern.countsOneTwice)
    if options.uses(.exactDuplicates) { part.digest = CorpusFingerprint.digest(of: conversation.turns) }
    if options.uses(.nearDuplicates) { part.signature = minHash.signature(of: texts) }
    return part
  }
}
