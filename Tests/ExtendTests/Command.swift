import Foundation
import Testing

/// How a process ended and what it said.
struct Finished {
  var arguments: [String]
  var code: Int32
  var isCrash: Bool
  var output: String
  var errors: String

  /// The lines of standard output.
  var lines: [String] { output.split(separator: "\n").map(String.init) }
  /// Standard output as one JSON object.
  var json: [String: Any]? { (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] }
}

/// The built program, run in a folder of its own.
struct Program {
  /// Where it runs, and where everything it writes lands.
  let folder: String

  /// The program that was built together with this test bundle.
  static let path: String = {
    let places = [Bundle.main.executableURL, URL(filePath: CommandLine.arguments[0])]
    let folders =
      places.compactMap { $0?.resolvingSymlinksInPath().deletingLastPathComponent() }
      + Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
    let candidates = folders.map { $0.appending(path: "extend").path }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
  }()

  /// Starts the program; what it prints goes to files, so that no pipe can fill up.
  ///
  /// - Parameters:
  ///   - pipe: whoever types while the program runs.
  ///   - device: takes standard output instead.
  func start(_ arguments: [String], input: String? = nil, pipe: Pipe? = nil, device: String? = nil) throws -> Running {
    let name = UUID().uuidString
    let outputPath = "\(folder)/\(name).out", errorPath = "\(folder)/\(name).err"
    for path in [outputPath, errorPath] { try Data().write(to: URL(filePath: path)) }
    let process = Process()
    process.executableURL = URL(filePath: Self.path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    var environment = ProcessInfo.processInfo.environment
    environment["XDG_CACHE_HOME"] = folder + "/cache"
    process.environment = environment
    process.standardOutput = FileHandle(forWritingAtPath: device ?? outputPath)
    process.standardError = FileHandle(forWritingAtPath: errorPath)
    if let pipe {
      process.standardInput = pipe
    } else if let input {
      try input.write(toFile: "\(folder)/\(name).in", atomically: true, encoding: .utf8)
      process.standardInput = FileHandle(forReadingAtPath: "\(folder)/\(name).in")
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    return Running(process: process, ended: ended, outputPath: outputPath, errorPath: errorPath)
  }

  /// Runs the program to its end.
  @discardableResult
  func run(_ arguments: String..., input: String? = nil) throws -> Finished {
    try start(arguments, input: input).wait()
  }

  /// Runs what must fail: never a crash, the expected code, and a message on standard error with all of `parts`.
  func expectFailure(
    _ code: Int32, _ parts: [String], _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let finished = try start(arguments).wait()
    let said = "extend \(arguments.joined(separator: " "))\n\(finished.output)\n\(finished.errors)"
    #expect(!finished.isCrash, "\(said)", sourceLocation: sourceLocation)
    #expect(finished.code == code, "\(said)", sourceLocation: sourceLocation)
    #expect(!finished.errors.isEmpty, "\(said)", sourceLocation: sourceLocation)
    for part in parts {
      #expect(finished.errors.contains(part), "no \"\(part)\" in \(said)", sourceLocation: sourceLocation)
    }
  }
}

/// A process under way.
struct Running {
  let process: Process
  let ended: DispatchSemaphore
  let outputPath: String
  let errorPath: String

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the end; a process that takes minutes is killed and counts as a crash.
  func wait() throws -> Finished {
    if ended.wait(timeout: .now() + 120) == .timedOut {
      send(SIGKILL)
      ended.wait()
    }
    return Finished(
      arguments: process.arguments ?? [], code: process.terminationStatus,
      isCrash: process.terminationReason == .uncaughtSignal,
      output: try String(contentsOfFile: outputPath, encoding: .utf8),
      errors: try String(contentsOfFile: errorPath, encoding: .utf8))
  }

  /// Waits until `condition` holds or the process has ended.
  func wait(until condition: () -> Bool) {
    while process.isRunning, !condition() { usleep(1000) }
  }
}

/// The root of all tests of the program, one at a time: each uses the processors as a user's command would.
@Suite(.serialized) struct ProgramTests {}
