import ArgumentParser
import Foundation

/// Where a command keeps what the next one need not compute again.
struct CacheOptions: ParsableArguments {
  @Option(
    name: .customLong("cache"),
    help: "Where encoded data and measurements of this machine are kept for the next run. (default: ~/.cache/extend)")
  var path: String?

  var folder: String {
    if let path { return path }
    let environment = ProcessInfo.processInfo.environment
    if let base = environment["XDG_CACHE_HOME"], !base.isEmpty { return base + "/extend" }
    return FileManager.default.homeDirectoryForCurrentUser.path + "/.cache/extend"
  }

  /// The costs of training steps, measured here.
  var calibrationPath: String { folder + "/calibration.json" }
}
