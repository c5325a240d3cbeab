/// How JSON text is laid out and escaped, with the choices of Python's `json.dumps`.
public struct JSONStyle: Equatable, Sendable {
  /// What one level is indented by; nil writes one line.
  public var indent: String?
  public var itemSeparator: String
  public var keySeparator: String
  /// Whether all but printable ASCII is written as `\u` and four digits (`ensure_ascii`); otherwise only quotes,
  /// backslashes and control characters below U+0020 are escaped.
  public var escapesNonASCII: Bool

  public init(
    indent: String? = nil, itemSeparator: String? = nil, keySeparator: String = ": ", escapesNonASCII: Bool = false
  ) {
    self.indent = indent
    self.itemSeparator = itemSeparator ?? (indent == nil ? ", " : ",")
    self.keySeparator = keySeparator
    self.escapesNonASCII = escapesNonASCII
  }

  /// Two spaces a level: `indent=2`.
  public static let indented = JSONStyle(indent: "  ")
  /// One line, with a space behind commas and colons.
  public static let line = JSONStyle()
  /// One line without a space: `separators=(",", ":")`.
  public static let compact = JSONStyle(itemSeparator: ",", keySeparator: ":")
}
