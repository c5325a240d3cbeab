/// What became of a set of conversation files, from bytes to documents; nothing is left out silently.
public struct CorpusReport: Equatable, Sendable, Codable {
  /// What the rules for turns did.
  public struct Rules: Equatable, Sendable, Codable {
    public var emptyTurns = 0
    public var turnsBehindEmpty = 0
    public var mergedTurns = 0
    public var leadingAssistantTurns = 0
    public var droppedLeadingTurns = 0
    public var trailingTurns = 0
    /// Documents left out because no assistant speaks in them.
    public var withoutAssistant = 0
    /// Documents left out because an earlier one has the same turns.
    public var duplicates = 0

    public init() {}
  }

  /// What encoding did.
  public struct Encoding: Equatable, Sendable, Codable {
    /// Documents left out because the chat template refuses them, with the first refusals' words.
    public var refusedByTemplate = 0
    public var firstRefusals: [String] = []
    /// Documents left out because not one token is labelled.
    public var withoutLabels = 0
    /// Documents left out because a control token's text and U+10FA57 stand among their words.
    public var unwritable = 0
    /// Documents whose words contain a control token's own text; it is encoded as words.
    public var withControlText = 0
    /// Tokens that stand half inside an assistant's words; they are not labelled.
    public var straddlingTokens = 0
    /// Learned assistant turns, and those of them whose end of turn is labelled.
    public var assistantTurns = 0
    public var endedTurns = 0
    /// Documents that got the tokenizer's begin-of-text token in front.
    public var addedBOS = 0

    public init() {}
  }

  /// Documents whose lengths are in `[lower, upper)`.
  public struct LengthBucket: Equatable, Sendable, Codable {
    public var lower: Int
    public var upper: Int
    public var documents = 0
    public var tokens = 0
    public var labelled = 0
  }

  public var files: [ReadingReport] = []
  public var joining = ConversationJoining.Counts()
  public var rules = Rules()
  public var encoding = Encoding()
  /// Documents in the cache, their turns, tokens and labelled tokens.
  public var documents = 0
  public var turns = 0
  public var tokens = 0
  public var labelledTokens = 0
  /// Lengths in tokens, by powers of two from 64 on; only buckets with documents.
  public var lengths: [LengthBucket] = []

  public init() {}

  /// Conversations read from all files.
  public var conversations: Int { files.reduce(0) { $0 + $1.conversations } }
  /// Endings of files that are not whole, in words.
  public var warnings: [String] { files.compactMap(\.warning) }
  /// Documents left out, for whatever reason.
  public var dropped: Int {
    rules.withoutAssistant + rules.duplicates + encoding.refusedByTemplate + encoding.withoutLabels
      + encoding.unwritable
  }

  /// Counts one document of the cache.
  mutating func count(tokens length: Int, labelled: Int, turns: Int) {
    (documents, self.turns) = (documents + 1, self.turns + turns)
    (tokens, labelledTokens) = (tokens + length, labelledTokens + labelled)
    var upper = 64
    while length >= upper { upper *= 2 }
    let index: Int
    if let found = lengths.firstIndex(where: { $0.upper >= upper }) {
      index = found
      if lengths[found].upper != upper {
        lengths.insert(LengthBucket(lower: upper == 64 ? 0 : upper / 2, upper: upper), at: found)
      }
    } else {
      index = lengths.count
      lengths.append(LengthBucket(lower: upper == 64 ? 0 : upper / 2, upper: upper))
    }
    lengths[index].documents += 1
    lengths[index].tokens += length
    lengths[index].labelled += labelled
  }
}
