import TextCleaning
import Tokenization

/// The hash of everything that decides a token cache's content.
enum CorpusFingerprint {
  /// XXH3-128 over the sources' bytes (by their own digests, in order), the tokenizer, the template and the rules.
  static func make(
    sources: [ContentDigest], tokenizer: TokenizerDescription, template: String, rules: ConversationRules
  ) -> ContentDigest {
    var hash = ContentHash()
    hash.add(TokenCache.format)
    hash.add(UInt64(TokenCache.version))
    hash.add(UInt64(ConversationRules.version))
    hash.add(UInt64(sources.count))
    for source in sources {
      hash.add(source.high)
      hash.add(source.low)
    }
    add(tokenizer, &hash)
    hash.add(template)
    hash.add(rules.joinsParts ? 1 : 0)
    hash.add(rules.leadingAssistant.rawValue)
    hash.add(rules.dropsDuplicates ? 1 : 0)
    if rules.text != .whole { hash.add("text " + rules.text.rawValue) }
    if rules.cleaning != CleaningOptions() { add(rules.cleaning, &hash) }
    return hash.digest
  }

  /// The rules in their own order: how they are listed changes nothing.
  private static func add(_ cleaning: CleaningOptions, _ hash: inout ContentHash) {
    hash.add("cleaning")
    for rule in cleaning.usedRules { hash.add(rule.rawValue) }
    for language in cleaning.keptLanguages { hash.add("keep " + language.rawValue) }
    for language in cleaning.skippedLanguages { hash.add("skip " + language.rawValue) }
    hash.add(UInt64(cleaning.splitLength ?? 0))
    let near = cleaning.nearDuplicates
    hash.add("\(near.threshold) \(near.hashes) \(near.ngram) \(near.unit.rawValue) \(near.seed)")
  }

  private static func add(_ tokenizer: TokenizerDescription, _ hash: inout ContentHash) {
    hash.add("\(tokenizer.model)")
    hash.add(UInt64(tokenizer.tokens.count))
    for token in tokenizer.tokens { hash.add(token) }
    for type in tokenizer.tokenTypes { hash.add(UInt64(UInt32(bitPattern: type.rawValue))) }
    hash.add(UInt64(tokenizer.scores.count))
    for score in tokenizer.scores { hash.add(UInt64(score.bitPattern)) }
    hash.add(UInt64(tokenizer.merges.count))
    for merge in tokenizer.merges { hash.add(merge) }
    for id in [
      tokenizer.bos, tokenizer.eos, tokenizer.eot, tokenizer.eom, tokenizer.unknown, tokenizer.padding,
    ] {
      hash.add(id.map { UInt64(UInt32(bitPattern: $0)) } ?? .max)
    }
    for flag in [tokenizer.addsBOS, tokenizer.addsEOS, tokenizer.addsSpacePrefix, tokenizer.normalizesToNFC] {
      hash.add(flag ? 1 : 0)
    }
    hash.add(tokenizer.spacePrefix.rawValue)
    for (id, rule) in tokenizer.addedTokenRules.sorted(by: { $0.key < $1.key }) {
      hash.add(UInt64(UInt32(bitPattern: id)) << 8 | UInt64(rule.rawValue))
    }
  }

  /// Bits that depend on a conversation's roles and words only.
  static func digest(of turns: [Turn]) -> ContentDigest {
    var hash = ContentHash()
    for turn in turns {
      hash.add(turn.role.rawValue)
      hash.add(turn.content)
      hash.add(turn.isTrained ? 1 : 0)
    }
    return hash.digest
  }

  /// Bits that depend on a text only.
  static func digest(of text: String) -> ContentDigest {
    var hash = ContentHash()
    hash.add(text)
    return hash.digest
  }
}
