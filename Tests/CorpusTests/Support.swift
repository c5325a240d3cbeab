import Foundation
import Testing

@testable import Corpus

/// A folder that disappears with the value.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("corpus-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and gives its path.
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let path = self.path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }
}

/// Everything a reader gives for a file.
func readAll(_ path: String) throws -> (conversations: [Conversation], report: ReadingReport) {
  let reader = try ConversationReader(file: path)
  var conversations: [Conversation] = []
  while let conversation = try reader.next() { conversations.append(conversation) }
  return (conversations, reader.report)
}

/// A conversation without a place, turns alternating from the user on unless written as (role, text).
func conversation(_ id: String, _ turns: [Turn]) -> Conversation {
  Conversation(id: id, turns: turns, location: RecordLocation(file: "f", bytes: 0..<1, line: 1, record: 1))
}

/// Turns "u0", "a1", "u2", … with their index in the chat.
func turns(_ range: Range<Int>) -> [Turn] {
  range.map { $0.isMultiple(of: 2) ? Turn(.user, "u\($0)") : Turn(.assistant, "a\($0)") }
}
