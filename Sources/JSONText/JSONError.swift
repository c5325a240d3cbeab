/// Where a JSON text breaks its rules, or those of the format it is written in.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What went wrong, for messages that say how to repair it.
  public enum Kind: Sendable {
    /// The text is no JSON: damaged, cut off, or nested too deeply.
    case syntax
    /// The text may be JSON; a value is not what its format wants there.
    case value
  }

  public var kind: Kind
  /// The byte, counted from the beginning of the text.
  public var position: Int
  public var found: String
  public var allowed: String

  public init(_ kind: Kind = .value, position: Int, found: String, allowed: String) {
    (self.kind, self.position, self.found, self.allowed) = (kind, position, found, allowed)
  }

  public var description: String { "byte \(position): found \(found); allowed: \(allowed)" }
}

/// `text` in quotes, cut to 80 characters and without control characters: names from files may hold anything.
public func quoted(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars.prefix(80) {
    result += scalar.value < 32 || scalar.value == 127 ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return "\"\(result)\(text.unicodeScalars.count > 80 ? "…" : "")\""
}
