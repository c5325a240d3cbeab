/// Cuts long conversations between pairs of turns; every pair is in exactly one part.
///
/// FastChat's `split_long_conversation` loses the last pair when that overflows and keeps an empty part before an
/// over-long first pair; here neither happens. A pair longer than the limit is a part of its own.
enum ConversationSplitting {
  /// What FastChat adds to each turn's tokens for the template's own.
  static let overhead = 6

  /// The parts, in order; system turns at the start stand before each of them.
  ///
  /// Ids are the chat's with the index of the part's first turn behind, as in the published ShareGPT files.
  static func parts(
    of conversation: Conversation, longest: Int, _ length: (String) -> Int
  ) -> (conversations: [Conversation], hasLongPair: Bool) {
    let turns = conversation.turns
    let start = turns.prefix { $0.role == .system }.count
    func size(_ range: Range<Int>) -> Int { turns[range].reduce(0) { $0 + length($1.content) + overhead } }
    let system = size(0..<start)
    var ranges: [Range<Int>] = []
    var total = 0
    var hasLongPair = false
    for pair in pairs(of: turns, from: start) {
      let size = size(pair)
      hasLongPair = hasLongPair || system + size > longest
      if let last = ranges.last, total + size <= longest {
        ranges[ranges.count - 1] = last.lowerBound..<pair.upperBound
        total += size
      } else {
        ranges.append(pair)
        total = system + size
      }
    }
    guard ranges.count > 1 else { return ([conversation], hasLongPair) }
    let chat = ConversationJoining.part(of: conversation.id)
    let parts = ranges.map { range in
      var part = conversation
      part.turns = Array(turns[..<start] + turns[range])
      if !conversation.id.isEmpty {
        let number = range.lowerBound - start
        part.id = chat.map { "\($0.chat)_\($0.number &+ number)" } ?? "\(conversation.id)_\(number)"
      }
      return part
    }
    return (parts, hasLongPair)
  }

  /// Runs of turns that belong together: questions, then answers.
  private static func pairs(of turns: [Turn], from start: Int) -> [Range<Int>] {
    var pairs: [Range<Int>] = []
    var first = start
    for index in turns.indices.dropFirst(start + 1) where turns[index].role == .user && turns[index - 1].role != .user {
      pairs.append(first..<index)
      first = index
    }
    if first < turns.count { pairs.append(first..<turns.count) }
    return pairs
  }
}
