/// A rule that changes or leaves out conversations; its raw value is its name in recipes and on the command line.
///
/// The rules run in the order of their cases, whatever the order they are named in. Those up to `wrongFormat` are
/// FastChat's data pipeline (clean_sharegpt, optional_clean, split_long_conversation, filter_wrong_format), each step
/// on its own; the last two are ours.
public enum CleaningRule: String, CaseIterable, Sendable, Codable {
  /// An assistant's turn that is an HTML fragment becomes Markdown.
  case htmlToMarkdown = "html_to_markdown"
  /// Words of a chat page's buttons and counters are taken out: "Copy code", "2 / 3", "Copy120 chars / 20 words".
  case interfaceText = "interface_text"
  /// Conversations in which an answer is the notice of a rate limit are left out.
  case rateLimit = "rate_limit"
  /// Conversations held with plugins are left out.
  case plugins
  /// Conversations that name the vendor (openai, chatgpt) are left out.
  case vendorNames = "vendor_names"
  /// A conversation ends before its first empty turn, or first turn that begins with an unprintable character.
  case unprintableTurns = "unprintable_turns"
  /// An answer in front and a question at the end are taken off; what then does not alternate is left out.
  case roleOrder = "role_order"
  /// Conversations of fewer than two turns, or fewer than 16 characters in all, are left out.
  case tooShort = "too_short"
  /// Conversations whose id an earlier one has are left out.
  case duplicateIDs = "duplicate_ids"
  /// Conversations whose first question and first answer an earlier one has are left out.
  case duplicateOpenings = "duplicate_openings"
  /// Conversations in a language that is not wanted are left out.
  case language
  /// Conversations in which one digit stands nine times in a row are left out.
  case repeatedDigits = "repeated_digits"
  /// Conversations longer than a limit are cut between a pair of turns; no pair is lost.
  case splitLong = "split_long"
  /// Conversations with a list that counts 1., 1. without a 2 between are left out.
  case wrongFormat = "wrong_format"
  /// Conversations with the same turns as an earlier one are left out.
  case exactDuplicates = "exact_duplicates"
  /// Conversations much like an earlier one are left out, see `NearDuplicateIndex`.
  case nearDuplicates = "near_duplicates"

  /// What FastChat's pipeline does, as far as it needs no further option.
  public static let fastChat = allCases.filter { ![.language, .splitLong, .nearDuplicates].contains($0) }

  /// One sentence for lists of rules.
  public var summary: String {
    switch self {
    case .htmlToMarkdown: "turns an answer that is HTML into Markdown"
    case .interfaceText: "takes out a chat page's own words (Copy code, 2 / 3, Copy120 chars / 20 words)"
    case .rateLimit: "leaves out chats in which an answer is the notice of a rate limit"
    case .plugins: "leaves out chats held with plugins"
    case .vendorNames: "leaves out chats that name openai or chatgpt"
    case .unprintableTurns: "ends a chat before its first empty or unprintable turn"
    case .roleOrder: "takes off a first answer and a last question; leaves out what then does not alternate"
    case .tooShort: "leaves out chats of fewer than 2 turns or 16 characters"
    case .duplicateIDs: "leaves out chats whose id an earlier one has"
    case .duplicateOpenings: "leaves out chats whose first question and answer an earlier one has"
    case .language: "leaves out chats in languages that are not wanted; needs languages to keep or skip"
    case .repeatedDigits: "leaves out chats with one digit nine times in a row"
    case .splitLong: "cuts chats longer than a limit between pairs of turns, losing none; needs a length"
    case .wrongFormat: "leaves out chats with a list that counts 1., 1. and no 2 between"
    case .exactDuplicates: "leaves out chats with the same turns as an earlier one"
    case .nearDuplicates: "leaves out chats much like an earlier one (MinHash)"
    }
  }
}
