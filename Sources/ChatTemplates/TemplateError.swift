/// Why a chat template cannot be read or rendered: where, what was found, what is allowed.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong.
  public enum Kind: Sendable, Equatable {
    /// The template's text is not Jinja.
    case syntax
    /// An expression has no value, such as a sum of a text and a number.
    case evaluation
    /// The template itself refused the conversation with `raise_exception`.
    case raised
    /// The template works, writes or nests far more than its input explains.
    case limit
    /// The place of an assistant message in the text cannot be known.
    case unlabelled(messageIndex: Int)
  }

  /// What went wrong.
  public var kind: Kind
  /// Line in the template, from 1; 0 if the whole template is meant.
  public var line: Int
  /// Column in the line, in Unicode scalars, from 1; 0 if the whole template is meant.
  public var column: Int
  /// What was found and what is allowed; for `raised`, the template's own words.
  public var message: String

  public init(kind: Kind, line: Int, column: Int, message: String) {
    self.kind = kind
    self.line = line
    self.column = column
    self.message = message
  }

  public var description: String {
    switch kind {
    case .unlabelled(let index): "chat template, message \(index): \(message)"
    case .raised: "chat template, line \(line), column \(column): the template refuses this conversation: \(message)"
    case .syntax, .evaluation, .limit: "chat template, line \(line), column \(column): \(message)"
    }
  }

  /// An error at a byte of the template.
  init(_ kind: Kind, _ message: String, at offset: Int, of source: [UInt8]) {
    let before = source.prefix(max(0, offset))
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    self.init(
      kind: kind,
      line: 1 + before.count { $0 == UInt8(ascii: "\n") },
      column: 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 },
      message: message)
  }
}
