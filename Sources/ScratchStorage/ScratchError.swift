/// Why a scratch file cannot be used.
public struct ScratchError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The folder the file is in; it has no name of its own.
  public var folder: String
  /// What was to be done.
  public var operation: String
  /// What was found.
  public var message: String
  public var repair: String

  public var description: String { "\(folder): cannot \(operation): \(message). \(repair)" }
}
