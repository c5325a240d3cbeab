import TextCleaning

/// Applies the named cleaning rules to conversations, in order, and counts what each did.
///
/// What one conversation decides is done on all cores; what depends on earlier ones (duplicates) is done in the order of
/// the conversations, so that any number of cores gives the same result: of several equal ones the first stays.
struct Cleaner {
  private(set) var report = CleaningReport()
  private let options: CleaningOptions
  private let sieve: ConversationSieve
  private var ids: Set<String> = []
  private var openings: Set<ContentDigest> = []
  private var digests: Set<ContentDigest> = []
  private var signatures: NearDuplicateIndex

  /// - Parameter length: a text's length for `split_long`; tokens, or characters where there is no tokenizer.
  init(_ options: CleaningOptions, length: @escaping @Sendable (String) -> Int) {
    self.options = options
    sieve = ConversationSieve(options, length: length)
    signatures = NearDuplicateIndex(options.nearDuplicates)
  }

  /// What becomes of each conversation: nothing, itself, or its parts.
  mutating func clean(_ conversations: [Conversation]) -> [[Conversation]] {
    if options.usedRules.isEmpty { return conversations.map { [$0] } }
    let sieve = sieve
    return parallelMap(conversations) { sieve.sift($0) }.map { admit($0) }
  }

  /// Applies the rules that need to know what came before.
  private mutating func admit(_ sifted: ConversationSieve.Sifted) -> [Conversation] {
    report.add(sifted.counts)
    if sifted.droppedBy != nil { return [] }
    if options.uses(.duplicateIDs), !sifted.id.isEmpty, !ids.insert(sifted.id).inserted {
      return drop(.duplicateIDs)
    }
    if options.uses(.duplicateOpenings), let opening = sifted.opening, !openings.insert(opening).inserted {
      return drop(.duplicateOpenings)
    }
    if let language = sifted.language {
      report.languages[language.rawValue, default: 0] += 1
      if !isWanted(language) { return drop(.language) }
    }
    if sifted.repeatsADigit { return drop(.repeatedDigits) }
    if sifted.parts.count > 1 {
      report[.splitLong].changed += 1
      report[.splitLong].added += sifted.parts.count - 1
    }
    if sifted.hasLongPair { report.pairsLongerThanSplit += 1 }
    return sifted.parts.compactMap { admit($0) }
  }

  private mutating func admit(_ part: ConversationSieve.Part) -> Conversation? {
    if part.countsOneTwice {
      report[.wrongFormat].dropped += 1
    } else if let digest = part.digest, !digests.insert(digest).inserted {
      report[.exactDuplicates].dropped += 1
    } else if signatures.insert(part.signature) != nil {
      report[.nearDuplicates].dropped += 1
    } else {
      return part.conversation
    }
    return nil
  }

  private mutating func drop(_ rule: CleaningRule) -> [Conversation] {
    report[rule].dropped += 1
    return []
  }

  private func isWanted(_ language: Language) -> Bool {
    (options.keptLanguages.isEmpty || options.keptLanguages.contains(language))
      && !options.skippedLanguages.contains(language)
  }
}
