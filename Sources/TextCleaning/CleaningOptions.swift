/// Which cleaning rules run, and what they need to know.
public struct CleaningOptions: Equatable, Sendable, Codable {
  /// The rules by name; their order here does not matter. `language` and `split_long` run when what they need is given.
  /// The default is none.
  public var rules: [CleaningRule]
  /// Languages to keep, by ``Language`` codes; empty keeps all.
  public var keptLanguages: [Language]
  /// Languages to leave out.
  public var skippedLanguages: [Language]
  /// The longest conversation that `split_long` leaves whole, in tokens (in characters where no tokenizer is at hand);
  /// nil for no limit.
  public var splitLength: Int?
  public var nearDuplicates: NearDuplicateOptions

  public init(
    rules: [CleaningRule] = [], keptLanguages: [Language] = [], skippedLanguages: [Language] = [],
    splitLength: Int? = nil, nearDuplicates: NearDuplicateOptions = NearDuplicateOptions()
  ) {
    self.rules = rules
    self.keptLanguages = keptLanguages
    self.skippedLanguages = skippedLanguages
    self.splitLength = splitLength
    self.nearDuplicates = nearDuplicates
  }

  /// Whether a rule runs: it is named, or what only it needs is given.
  public func uses(_ rule: CleaningRule) -> Bool {
    switch rule {
    case .language: !keptLanguages.isEmpty || !skippedLanguages.isEmpty
    case .splitLong: splitLength != nil
    default: rules.contains(rule)
    }
  }

  /// The rules that run, in their order.
  public var usedRules: [CleaningRule] { CleaningRule.allCases.filter(uses) }

  /// A rule that is named without what it needs, in words; nil when there is none.
  public var missing: String? {
    if rules.contains(.language), !uses(.language) { return "the rule language needs languages to keep or to skip" }
    if rules.contains(.splitLong), !uses(.splitLong) { return "the rule split_long needs a length to split at" }
    return nil
  }
}
