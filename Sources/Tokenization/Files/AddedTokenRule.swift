/// How an added token is found in text, besides by its own letters; the names in parentheses are `tokenizer.json`'s.
public struct AddedTokenRule: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// White space in front of it belongs to it (`lstrip`).
  public static let strippingLeft = AddedTokenRule(rawValue: 1)
  /// White space behind it belongs to it (`rstrip`).
  public static let strippingRight = AddedTokenRule(rawValue: 2)
  /// It counts only where no letter, digit or underscore touches it (`single_word`).
  public static let wholeWord = AddedTokenRule(rawValue: 4)
}
