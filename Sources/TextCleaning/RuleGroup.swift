/// A short name for many rules, for recipes and the command line.
public enum RuleGroup: String, CaseIterable, Sendable {
  case none
  /// What FastChat's pipeline does without further options.
  case fastChat = "fastchat"
  /// That, and near duplicates.
  case all

  public var rules: [CleaningRule] {
    switch self {
    case .none: []
    case .fastChat: CleaningRule.fastChat
    case .all: CleaningRule.fastChat + [.nearDuplicates]
    }
  }
}
