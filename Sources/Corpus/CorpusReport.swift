/// What became of a set of conversation files, from bytes to documents; nothing is left out silently.
public struct CorpusReport: Equatable, Sendable, Codable {
  /// What the rules for turns did.
  struct Rules: Equatable, Sendable, Codable {
    var emptyTurns = 0
    var turnsBehindEmpty = 0
    var mergedTurns = 0
    var leadingAssistantTurns = 0
    var droppedLeadingTurns = 0
    var trailingTurns = 0
    /// Documents left out because no assistant speaks in them.
    var withoutAssistant = 0
    /// Documents left out because an earlier one has the same turns.
    var duplicates = 0
  }

  /// What encoding did.
  struct Encoding: Equatable, Sendable, Codable {
    /// Documents left out because the chat template refuses them, with the first refusals' words.
    var refusedByTemplate = 0
    var firstRefusals: [String] = []
    /// Documents left out because not one token is labelled.
    var withoutLabels = 0
    /// Documents left out because a control token's text and U+10FA57 stand among their words.
    var unwritable = 0
    /// Documents whose words contain a control token's own text; it is encoded as words.
    var withControlText = 0
    /// Tokens that stand half inside an assistant's words; they are not labelled.
    var straddlingTokens = 0
    /// Documents that are plain text, all of it labelled.
    var plainTexts = 0
    /// Learned assistant turns, and those of them whose end of turn is labelled.
    var assistantTurns = 0
    var endedTurns = 0
    /// Documents that got the tokenizer's begin-of-text token in front.
    var addedBOS = 0
  }

  /// Documents whose lengths are in `[lower, upper)`.
  struct LengthBucket: Equatable, Sendable, Codable {
    var lower: Int
    var upper: Int
    var documents = 0
    var tokens = 0
    var labelled = 0
  }

  var files: [ReadingReport] = []
  var joining = ConversationJoining.Counts()
  var cleaning = CleaningReport()
  var rules = Rules()
  var encoding = Encoding()
  /// Documents in the cache, their turns, tokens and labelled tokens.
  var documents = 0
  var turns = 0
  var tokens = 0
  var labelledTokens = 0
  /// Lengths in tokens, by powers of two from 64 on; only buckets with documents.
  var lengths: [LengthBucket] = []

  /// Conversations read from all files.
  var conversations: Int { files.reduce(0) { $0 + $1.conversations } }
  /// Endings of files that are not whole, in words.
  var warnings: [String] { files.compactMap(\.warning) }
  /// Counts a document of the cache, or several that are equally long.
  ///
  /// - Parameters:
  ///   - length: tokens of one of them.
  ///   - labelled, turns: of all of them together.
  mutating func count(tokens length: Int, labelled: Int, turns: Int, documents count: Int = 1) {
    (documents, self.turns) = (documents + count, self.turns + turns)
    (tokens, labelledTokens) = (tokens + length * count, labelledTokens + labelled)
    var upper = 64
    while length >= upper { upper *= 2 }
    let index = lengths.firstIndex { $0.upper >= upper } ?? lengths.count
    if index == lengths.count || lengths[index].upper != upper {
      lengths.insert(LengthBucket(lower: upper == 64 ? 0 : upper / 2, upper: upper), at: index)
    }
    lengths[index].documents += count
    lengths[index].tokens += length * count
    lengths[index].labelled += labelled
  }
}
