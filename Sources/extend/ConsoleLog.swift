import Logging

/// What the user should hear besides progress: notes and warnings, through swift-log.
let log = Logger(label: "extend") { _ in ConsoleLog() }

/// Writes notes to standard output and warnings to standard error, each as one line.
private struct ConsoleLog: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    if event.level >= .warning {
      Console.error("\(event.level): \(event.message)")
    } else {
      Console.print("note: \(event.message)")
    }
  }
}
