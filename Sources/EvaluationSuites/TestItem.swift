/// Where a test stands in its suite.
public struct TestCoordinates: Hashable, Sendable, Codable {
  public var suite: String
  public var task: String
  /// Of lines or topics, where a test is made of exactly so many instead of filling a length.
  public var units: Int?
  /// Tokens of context the test is made for, with the answer's; beside `units` about those that it has.
  public var length: Int
  /// Where what is asked for stands: 0 at the beginning, 100 at the end; nil where it has no one place.
  public var depth: Double?
  /// From 0.
  public var sample: Int

  public init(suite: String, task: String, units: Int? = nil, length: Int, depth: Double? = nil, sample: Int) {
    (self.suite, self.task, self.units, self.length) = (suite, task, units, length)
    (self.depth, self.sample) = (depth, sample)
  }

  /// The task, with its units: `lines 200`.
  public var taskName: String { units.map { "\(task) \($0)" } ?? task }
}

/// One question to a model, and how its answer is scored.
public struct TestItem: Equatable, Sendable {
  public var coordinates: TestCoordinates
  public var prompt: Prompt
  public var expected: [String]
  public var scoring: ScoringRule
  /// Tokens the model may answer with.
  public var answerTokens: Int

  public init(
    _ coordinates: TestCoordinates, _ prompt: Prompt, expected: [String], scoring: ScoringRule, answerTokens: Int
  ) {
    (self.coordinates, self.prompt, self.expected) = (coordinates, prompt, expected)
    (self.scoring, self.answerTokens) = (scoring, answerTokens)
  }
}

/// Tests that are made one after another, and only when somebody asks.
///
/// The items of a cell that share a document follow each other, so that an engine can keep what it has read.
public struct TestCell: Sendable {
  /// Makes items: how tokens are counted, which are wanted, and who takes them.
  public typealias Maker =
    @Sendable (TokenCounter, _ isWanted: (TestCoordinates) -> Bool, _ visit: (TestItem) throws -> Void) throws -> Void
  /// The coordinates of every item, in the order in which they are made; known before any is.
  public let coordinates: [TestCoordinates]
  private let make: Maker

  /// - Parameter make: hands over the items that are wanted, in the order of the coordinates. One that does not fit
  ///   into its length is left out.
  public init(_ coordinates: [TestCoordinates], make: @escaping Maker) {
    (self.coordinates, self.make) = (coordinates, make)
  }

  /// Makes the items that are wanted; what `visit` throws ends it.
  public func forEachItem(
    _ counter: TokenCounter, where isWanted: (TestCoordinates) -> Bool = { _ in true },
    _ visit: (TestItem) throws -> Void
  ) throws {
    guard coordinates.contains(where: isWanted) else { return }
    try make(counter, isWanted, visit)
  }
}
