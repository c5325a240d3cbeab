/// How a plain text file becomes documents; the raw value is its name in recipes and on the command line.
public enum TextLayout: String, CaseIterable, Sendable, Codable {
  /// The whole file is one document.
  case whole
  /// A line of nothing but white space ends a document.
  case blankLines = "blank_lines"
  /// The text `<|endoftext|>` ends a document.
  case endOfText = "end_of_text"
}
