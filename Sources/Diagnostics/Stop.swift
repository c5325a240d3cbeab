import Foundation

/// Stops the program because a caller broke a rule, and says which; in release builds too, where the message of
/// `precondition` is left out.
public func stop(_ message: String) -> Never {
  FileHandle.standardError.write(Data("Fatal error: \(message)\n".utf8))
  preconditionFailure()
}

/// Stops unless a caller kept a rule.
@inlinable @inline(__always)
public func require(_ rule: Bool, _ message: @autoclosure () -> String) {
  if !rule { stop(message()) }
}
