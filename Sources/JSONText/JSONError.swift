/// Where a JSON text breaks its rules, or those of the format it is written in.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The byte, counted from the beginning of the text.
  public var position: Int
  public var found: String
  public var allowed: String

  public init(position: Int, found: String, allowed: String) {
    (self.position, self.found, self.allowed) = (position, found, allowed)
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
