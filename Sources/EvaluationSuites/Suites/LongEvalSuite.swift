/// LongEval: lines (fine-grained retrieval) and topics (coarse-grained).
public struct LongEvalSuite: Sendable {
  public static let name = "longeval"
  public enum Task: String, CaseIterable, Sendable {
    case lines, topics
  }
  public var tasks: [Task]
  public var lengths: [Int]
  public var samples: Int
  public var seed: Int
  /// Conversations to draw from; generated ones where empty.
  public var conversations: [LongEvalTopics.Conversation]

  public init(
    tasks: [Task] = Task.allCases, lengths: [Int], samples: Int, seed: Int,
    conversations: [LongEvalTopics.Conversation] = []
  ) {
    (self.tasks, self.lengths, self.samples) = (tasks, lengths, samples)
    (self.seed, self.conversations) = (seed, conversations)
  }

  /// One cell for each length and task.
  public var cells: [TestCell] {
    lengths.flatMap { length in
      tasks.map { task in
        let places = (0..<samples).map {
          TestCoordinates(suite: Self.name, task: task.rawValue, length: length, sample: $0)
        }
        return TestCell(independent: places) { [self] place, counter in
          task == .lines ? try linesItem(place, counter) : try topicsItem(place, counter)
        }
      }
    }
  }

  /// As many lines as fit; each of them may be the one asked for.
  private func linesItem(_ place: TestCoordinates, _ counter: TokenCounter) throws -> TestItem? {
    let answerTokens = 100, room = place.length - answerTokens
    func test(_ count: Int) -> (record: LongEvalLines, index: Int) {
      var random = PythonRandom(seed: seed, for: "lines/\(place.length)/\(place.sample)")
      let record = LongEvalLines(count: count, random: &random)
      return (record, random.below(count))
    }
    func prompt(_ count: Int) -> Prompt {
      let (record, index) = test(count)
      return record.prompt(asking: index)
    }
    let most = min(WordPairs.all.count, max(1, room))
    guard let count = try greatestSize(in: 1...most, fitting: room, tokens: { try counter.prompt(prompt($0)) }) else {
      return nil
    }
    let (record, index) = test(count)
    return TestItem(
      place, record.prompt(asking: index), expected: [String(record.numbers[index])], scoring: .lastInteger,
      answerTokens: answerTokens)
  }

  /// As many conversations as fit, at least two.
  private func topicsItem(_ place: TestCoordinates, _ counter: TokenCounter) throws -> TestItem? {
    let answerTokens = 50, room = place.length - answerTokens
    let available = conversations.isEmpty ? LongEvalTopics.Conversation.topicCount : conversations.count
    func test(_ count: Int) -> LongEvalTopics {
      var random = PythonRandom(seed: seed, for: "topics/\(place.length)/\(place.sample)")
      return LongEvalTopics(
        random.sample(count, below: available).map {
          conversations.isEmpty
            ? LongEvalTopics.Conversation(topicNumber: $0, random: &random) : conversations[$0]
        })
    }
    guard
      available >= 2,
      let count = try greatestSize(
        in: 2...available, fitting: room, tokens: { try counter.prompt(test($0).prompt) })
    else { return nil }
    let record = test(count)
    return TestItem(
      place, record.prompt, expected: [record.conversations[0].topic], scoring: .allContained,
      answerTokens: answerTokens)
  }
}
