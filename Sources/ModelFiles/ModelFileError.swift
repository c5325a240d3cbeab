/// Why a file that is sound as a file cannot be used as a model.
public struct ModelFileError: Error, Equatable, Sendable, CustomStringConvertible {
  public var path: String
  /// The key, tensor or setting at fault.
  public var subject: String
  public var found: String
  public var allowed: String
  public var repair: String

  public init(path: String, subject: String, found: String, allowed: String, repair: String) {
    (self.path, self.subject, self.found) = (path, subject, found)
    (self.allowed, self.repair) = (allowed, repair)
  }

  public var description: String { "\(path): \(subject): found \(found); allowed: \(allowed). \(repair)" }
}
