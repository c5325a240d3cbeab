import TextCleaning

/// What is in a set of conversation files.
public struct DataInspection: Equatable, Sendable, Encodable {
  /// Conversations at least as long as a context, and the tokens (or characters) they have together.
  struct Reach: Equatable, Sendable, Encodable {
    var length: Int
    var conversations = 0
    var total = 0
  }

  private(set) var files: [ReadingReport] = []
  private(set) var joining = ConversationJoining.Counts()
  /// What lengths are counted in: tokens or characters.
  let unit: String
  /// Chats after parts are joined, and their turns.
  public private(set) var conversations = 0
  private(set) var turns = 0
  private(set) var languages: [String: Int] = [:]
  /// Chats that the chat template refuses; their words alone are counted.
  private(set) var refusedByTemplate = 0
  private(set) var total = 0
  /// Lengths at which 0, 25, 50, 75, 90, 99 and 100 % of the chats are reached.
  private(set) var quantiles: [String: Int] = [:]
  /// By powers of two from 64 on.
  private(set) var histogram: [CorpusReport.LengthBucket] = []
  private(set) var reach: [Reach]

  static let shares: [(name: String, share: Double)] = [
    ("least", 0), ("25 %", 0.25), ("median", 0.5), ("75 %", 0.75), ("90 %", 0.9), ("99 %", 0.99), ("most", 1),
  ]

  /// How many conversations have a length; different ones are far fewer than conversations.
  private var lengths: [Int: Int] = [:]

  private enum CodingKeys: String, CodingKey {
    case files, joining, unit, conversations, turns, languages, refusedByTemplate, total, quantiles, histogram, reach
  }

  init(unit: String, reach lengths: [Int]) {
    self.unit = unit
    reach = lengths.map { Reach(length: $0) }
  }

  mutating func count(_ language: Language, _ length: (count: Int, isRefused: Bool), turns: Int) {
    conversations += 1
    self.turns += turns
    languages[language.rawValue, default: 0] += 1
    refusedByTemplate += length.isRefused ? 1 : 0
    total += length.count
    lengths[length.count, default: 0] += 1
    for index in reach.indices where length.count >= reach[index].length {
      reach[index].conversations += 1
      reach[index].total += length.count
    }
  }

  /// Sums up, once everything is counted.
  mutating func finish(_ report: CorpusReport) {
    (files, joining) = (report.files, report.joining)
    let ascending = lengths.sorted { $0.key < $1.key }
    for (name, share) in Self.shares {
      var rank = Int((Double(conversations - 1) * share).rounded())
      quantiles[name] =
        ascending.first { _, count in
          rank -= count
          return rank < 0
        }?.key
    }
    var counts = CorpusReport()
    for (length, count) in ascending { counts.count(tokens: length, labelled: 0, turns: 0, documents: count) }
    (histogram, lengths) = (counts.lengths, [:])
  }

  /// Endings of files that are not whole, in words.
  public var warnings: [String] { files.compactMap(\.warning) }
}
