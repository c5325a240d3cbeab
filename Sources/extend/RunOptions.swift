import ArgumentParser
import Foundation

/// What the commands that train share.
struct RunOptions: ParsableArguments {
  @Option(help: "Where encoded data is kept for the next run. (default: ~/.cache/extend)") var cache: String?
  @OptionGroup var machine: MachineOptions

  var cacheFolder: String {
    if let cache { return cache }
    let environment = ProcessInfo.processInfo.environment
    if let base = environment["XDG_CACHE_HOME"], !base.isEmpty { return base + "/extend" }
    return FileManager.default.homeDirectoryForCurrentUser.path + "/.cache/extend"
  }

  /// Runs a command's body so that Ctrl-C stops it at a safe place.
  func run(_ body: () throws -> Outcome) throws -> Never {
    try reportingFailures {
      Interruption.listen()
      machine.apply()
      return try body()
    }
  }
}
