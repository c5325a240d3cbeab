/// Why a metrics file could not be read or written.
public struct MetricsError: Error, Equatable, CustomStringConvertible {
  /// The file or folder.
  public let path: String
  /// The line of `path`, counted from 1, where the fault is in one line.
  public let line: Int?
  /// What was found, what is allowed, how to repair it.
  public let message: String

  init(path: String, line: Int? = nil, _ message: String) {
    self.path = path
    self.line = line
    self.message = message
  }

  /// `path:line: message`.
  public var description: String { path + (line.map { ":\($0)" } ?? "") + ": " + message }
}
