/// LongEval: lines (fine-grained retrieval) and topics (coarse-grained).
public struct LongEvalSuite: Sendable {
  public static let name = "longeval"
  public enum Task: String, CaseIterable, Sendable {
    case lines, topics
  }
  public var tasks: [Task]
  public var lengths: [Int]
  /// Tests of exactly so many lines or topics, as LongChat has them, instead of tests that fill `lengths`; empty for
  /// those.
  public var units: [Task: [Int]]
  public var samples: Int
  public var seed: Int
  /// Conversations to draw from; generated ones where empty.
  public var conversations: [LongEvalTopics.Conversation]

  public init(
    tasks: [Task] = Task.allCases, lengths: [Int], units: [Task: [Int]] = [:], samples: Int, seed: Int,
    conversations: [LongEvalTopics.Conversation] = []
  ) {
    (self.tasks, self.lengths, self.units, self.samples) = (tasks, lengths, units, samples)
    (self.seed, self.conversations) = (seed, conversations)
    for (task, units) in units {
      let most = Self.mostUnits(of: task, conversations)
      precondition(units.allSatisfy { (1...most).contains($0) }, "LongEvalSuite: expected 1 to \(most) \(task)")
    }
  }

  /// How many different lines or topics there are; topics of some conversations, or of generated ones.
  public static func mostUnits(of task: Task, _ conversations: [LongEvalTopics.Conversation]) -> Int {
    switch task {
    case .lines: WordPairs.all.count
    case .topics: conversations.isEmpty ? LongEvalTopics.Conversation.topicCount : conversations.count
    }
  }

  /// One cell for each length, or number of units, and task.
  public var cells: [TestCell] {
    if units.isEmpty {
      return lengths.flatMap { length in tasks.map { cell($0, units: nil, length: length) } }
    }
    return tasks.flatMap { task in
      (units[task] ?? []).map { cell(task, units: $0, length: Self.usualLength(task, units: $0)) }
    }
  }

  private func cell(_ task: Task, units: Int?, length: Int) -> TestCell {
    let places = (0..<samples).map {
      TestCoordinates(suite: Self.name, task: task.rawValue, units: units, length: length, sample: $0)
    }
    return TestCell(independent: places) { [self] place, counter in
      task == .lines ? try linesItem(place, counter) : try topicsItem(place, counter)
    }
  }

  /// Tokens of LongChat's own prompts for LLaMA, a straight line through its published means.
  private static func usualLength(_ task: Task, units: Int) -> Int {
    task == .lines ? 170 + units * 2318 / 100 : 160 + units * 623
  }

  /// Names a test's random numbers.
  private func seedName(_ place: TestCoordinates) -> String {
    place.units.map { "\(place.task)=\($0)/\(place.sample)" } ?? "\(place.task)/\(place.length)/\(place.sample)"
  }

  /// So many lines, or as many as fit; each of them may be the one asked for.
  private func linesItem(_ place: TestCoordinates, _ counter: TokenCounter) throws -> TestItem? {
    let answerTokens = 100, room = place.length - answerTokens
    func test(_ count: Int) -> (record: LongEvalLines, index: Int) {
      var random = PythonRandom(seed: seed, for: seedName(place))
      let record = LongEvalLines(count: count, random: &random)
      return (record, random.below(count))
    }
    func prompt(_ count: Int) -> Prompt {
      let (record, index) = test(count)
      return record.prompt(asking: index)
    }
    let most = min(WordPairs.all.count, max(1, room))
    guard
      let count = try place.units
        ?? greatestSize(in: 1...most, fitting: room, tokens: { try counter.prompt(prompt($0)) })
    else { return nil }
    let (record, index) = test(count)
    return TestItem(
      place, record.prompt(asking: index), expected: [String(record.numbers[index])], scoring: .lastInteger,
      answerTokens: answerTokens)
  }

  /// So many conversations, or as many as fit, at least two.
  private func topicsItem(_ place: TestCoordinates, _ counter: TokenCounter) throws -> TestItem? {
    let answerTokens = 50, room = place.length - answerTokens, available = Self.mostUnits(of: .topics, conversations)
    func test(_ count: Int) -> LongEvalTopics {
      var random = PythonRandom(seed: seed, for: seedName(place))
      return LongEvalTopics(
        random.sample(count, below: available).map {
          conversations.isEmpty
            ? LongEvalTopics.Conversation(topicNumber: $0, random: &random) : conversations[$0]
        })
    }
    guard
      available >= 2,
      let count = try place.units
        ?? greatestSize(in: 2...available, fitting: room, tokens: { try counter.prompt(test($0).prompt) })
    else { return nil }
    let record = test(count)
    return TestItem(
      place, record.prompt, expected: [record.conversations[0].topic], scoring: .allContained,
      answerTokens: answerTokens)
  }
}
