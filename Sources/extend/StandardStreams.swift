import Foundation
import Synchronization

/// Standard input, output and error, whatever the caller left of them.
enum StandardStreams {
  private static let replacements = Mutex<[FileHandle]>([])

  /// Opens those that were closed on the null device, before a file of ours gets their number and our words with it;
  /// and lets a file that may not grow (`ulimit -f`) be an error that is reported, not a signal that ends the process.
  static func secure() {
    signal(SIGXFSZ, SIG_IGN)
    for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
      // The system gives the lowest free number, which is this one.
      guard let null = FileHandle(forUpdatingAtPath: "/dev/null") else { return }
      replacements.withLock { $0.append(null) }
    }
  }
}
