/// Which records are parts of one chat, by their ids alone; a lone record takes a byte of memory, a part some 25.
///
/// Ids come in file order, then `finish()`; what iteration gives are the chats in the order of their first records.
struct ChatGrouping: Sequence {
  /// The records of one chat.
  struct Chat: Equatable, Sendable {
    /// Numbers of the records, counted as they came; parts in numeric order.
    var records: [Int]
    /// Whether the records' ids are the chat's own with a number behind it.
    var hasNumberedParts = false

    /// The id its parts share; a lone record's own id.
    func id(ofFirst record: Conversation) -> String {
      guard hasNumberedParts, let part = ConversationJoining.part(of: record.id) else { return record.id }
      return String(part.chat)
    }
  }

  private enum Standing: UInt8 { case alone, first, later }

  private struct Part {
    /// A hash of the chat's id.
    var chat: UInt64
    var number: Int
    var record: UInt32
    /// The chat's first record.
    var first: UInt32 = 0
  }

  private var standings: [Standing] = []
  private var parts: [Part] = []

  /// Takes the next record's id; nil for a record that is to stand alone.
  mutating func add(_ id: String?) {
    if let part = id.flatMap(ConversationJoining.part) {
      let chat = CorpusFingerprint.digest(of: String(part.chat)).low
      parts.append(Part(chat: chat, number: part.number, record: UInt32(clamping: standings.count)))
    }
    standings.append(.alone)
  }

  /// Sorts the parts into chats, once all records are known.
  mutating func finish(_ counts: inout ConversationJoining.Counts) {
    parts.sort { ($0.chat, $0.record) < ($1.chat, $1.record) }
    var start = 0
    while start < parts.count {
      let chat = parts[start].chat
      let end = parts[start...].firstIndex { $0.chat != chat } ?? parts.count
      let (count, first) = (end - start, parts[start].record)
      if ConversationJoining.isRunningCount(count, of: standings.count) {
        counts.runningCounts += count
      } else {
        for index in start..<end {
          parts[index].first = first
          standings[Int(parts[index].record)] = index == start ? .first : .later
        }
      }
      start = end
    }
    let standings = standings
    parts.removeAll { standings[Int($0.record)] == .alone }
    parts.sort { ($0.first, $0.number, $0.record) < ($1.first, $1.number, $1.record) }
  }

  /// How many records there are.
  var recordCount: Int { standings.count }

  func makeIterator() -> some IteratorProtocol<Chat> {
    var (record, part) = (0, 0)
    return AnyIterator<Chat> {
      while record < standings.count, standings[record] == .later { record += 1 }
      guard record < standings.count else { return nil }
      defer { record += 1 }
      guard standings[record] == .first else { return Chat(records: [record]) }
      let start = part
      while part < parts.count, parts[part].first == record { part += 1 }
      return Chat(records: parts[start..<part].map { Int($0.record) }, hasNumberedParts: true)
    }
  }
}
