import JSONText

/// Why a tokenizer file cannot be used: where, what was found, what is allowed, how to repair it.
public struct TokenizerFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What went wrong, for callers that react to it.
  public enum Kind: String, Sendable {
    /// The file is not there, or cannot be read or written.
    case unreadable
    /// The bytes are not of the format.
    case syntax
    /// A value is of the wrong kind, out of range, or contradicts another one.
    case invalid
    /// The file asks for something that this program does not do.
    case unsupported
  }

  public var kind: Kind
  /// The file concerned.
  public var file: String
  /// The key inside the file, such as `model.merges[3]`; empty when the whole file is meant.
  public var key: String
  /// Zero-based byte, where known.
  public var byte: Int?
  public var found: String
  public var allowed: String
  public var repair: String

  public init(
    _ kind: Kind, file: String, key: String = "", byte: Int? = nil, found: String, allowed: String, repair: String
  ) {
    (self.kind, self.file, self.key, self.byte) = (kind, file, key, byte)
    (self.found, self.allowed, self.repair) = (found, allowed, repair)
  }

  public var description: String {
    var place = file
    if !key.isEmpty { place += ", \(key)" }
    if let byte { place += ", byte \(byte)" }
    return "\(place): found \(found); allowed: \(allowed). \(repair)"
  }
}

extension TokenizerFileError {
  /// What is wrong with the JSON text of a file, at the key that was being read.
  init(_ error: JSONError, file: String, key: String) {
    let isDamage = error.kind == .syntax
    self.init(
      isDamage ? .syntax : .invalid, file: file, key: key, byte: error.position, found: error.found,
      allowed: error.allowed,
      repair: isDamage
        ? "The file is damaged or cut off; fetch it again." : "Correct the value, or fetch the file again.")
  }
}

extension JSONCursor {
  /// Values in the tree of one part besides vocabulary and merges; no tokenizer has nearly as many.
  private static let mostValuesOfPart = 50_000

  /// The next value, unless its tree would be far larger than any tokenizer's part.
  mutating func part() throws(JSONError) -> JSONValue {
    try limited(to: Self.mostValuesOfPart) { (cursor) throws(JSONError) in try cursor.value() }
  }
}
