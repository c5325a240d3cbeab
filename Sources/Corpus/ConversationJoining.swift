/// Puts the parts of one chat together again.
///
/// Parts share the id before the last `_`; the number behind it orders them. Two ways of numbering are in use:
/// - by turns, as FastChat's `split_long_conversation` does and the published ShareGPT files have it: the number is the
///   index of the part's first turn in the whole chat, and a part may repeat the last turns of the part before it
///   (`hRPPgZT_0` has turns 0–11, `hRPPgZT_11` begins with turn 11 again). Repeated turns are taken once;
/// - by parts: 0, 1, 2, …
///
/// A part that neither continues nor repeats the one before it begins a new document: something is missing there.
enum ConversationJoining {
  /// An id that cannot be told from a running count is not joined: one prefix with more parts than this, …
  static let maximumParts = 256
  /// … or with more than half of the records of a set larger than this.
  static let smallSet = 8

  /// What joining did.
  struct Counts: Equatable, Sendable, Codable {
    /// Chats that were in several parts.
    var joinedChats = 0
    /// Parts that went into them, first ones not counted.
    var joinedParts = 0
    /// Turns that stood in two parts.
    var repeatedTurns = 0
    /// Places where a part is missing; each begins a new document.
    var gaps = 0
    /// Records whose numbered ids look like a running count and were left alone.
    var runningCounts = 0
  }

  /// An id's chat and number; nil when the id does not end in `_` and digits.
  static func part(of id: String) -> (chat: Substring, number: Int)? {
    guard let mark = id.lastIndex(of: "_"), mark > id.startIndex else { return nil }
    let digits = id[id.index(after: mark)...]
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits) else { return nil }
    return (id[..<mark], number)
  }

  /// Whether so many parts with one prefix, in a set of so many records, are more than a chat has.
  static func isRunningCount(_ parts: Int, of records: Int) -> Bool {
    parts > maximumParts || (parts > smallSet && parts * 2 > records)
  }

  /// Joins parts that are in numeric order.
  ///
  /// - Returns: one conversation, or more where parts are missing; each has the id and place of its first part.
  static func join(_ parts: [Conversation], _ counts: inout Counts) -> [Conversation] {
    guard parts.count > 1 else { return parts }
    var joined: [Conversation] = []
    var end = 0  // the chat's turn index behind the document so far
    var number = 0
    var hasJoined = false
    for part in parts {
      guard let next = Self.part(of: part.id)?.number else {
        joined.append(part)
        continue
      }
      if let document = joined.last,
        let repeated = repeatedTurns(document.turns, end: end, number: number, next: next, part.turns)
      {
        counts.repeatedTurns += repeated
        counts.joinedParts += 1
        hasJoined = true
        joined[joined.count - 1].turns += part.turns.dropFirst(repeated)
        end = max(end, next + part.turns.count)
      } else {
        if !joined.isEmpty { counts.gaps += 1 }
        joined.append(part)
        end = next + part.turns.count
      }
      number = next
    }
    if hasJoined { counts.joinedChats += 1 }
    return joined
  }

  /// How many of the part's first turns the document already has; nil when the part does not continue it.
  private static func repeatedTurns(
    _ document: [Turn], end: Int, number: Int, next: Int, _ part: [Turn]
  ) -> Int? {
    if next == end { return 0 }
    let overlap = min(end - next, part.count)
    if next < end, end - next <= document.count,
      document.dropLast(end - next - overlap).suffix(overlap) == part.prefix(overlap)
    {
      return overlap
    }
    guard next == number + 1 else { return nil }
    return document.last == part.first ? 1 : 0
  }
}
