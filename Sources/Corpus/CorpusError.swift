/// Why conversations could not become training data: where, what was found, what is allowed, how to repair it.
public struct CorpusError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What went wrong, for callers that react to it.
  public enum Kind: String, Sendable, Codable {
    case missingFile, unreadable, emptyFile, unknownFormat, noConversations, noAssistantTurn, noEndOfTurn, noTemplate
    case sourceChanged, overLength, tooFewTokens, notACache, damagedCache, unwritableCache, mismatch
  }

  public var kind: Kind
  /// The file or folder concerned; empty when no file is.
  public var file: String
  /// One-based line, where known.
  public var line: Int?
  /// Zero-based byte, where known.
  public var byte: Int?
  public var found: String
  public var allowed: String
  public var repair: String

  public init(
    _ kind: Kind, file: String = "", line: Int? = nil, byte: Int? = nil, found: String, allowed: String, repair: String
  ) {
    (self.kind, self.file, self.line, self.byte) = (kind, file, line, byte)
    (self.found, self.allowed, self.repair) = (found, allowed, repair)
  }

  public var description: String {
    var place = file.isEmpty ? "corpus" : file
    if let line { place += ", line \(line)" }
    if let byte { place += ", byte \(byte)" }
    return "\(place): found \(found); allowed: \(allowed); to repair: \(repair)"
  }
}
