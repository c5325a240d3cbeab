/// Needles in a haystack: Kamradt's sentence, several of them, and EasyContext's number with and without distractors.
public struct NeedleSuite: Sendable {
  public static let name = "needle"
  public enum Task: String, CaseIterable, Sendable {
    /// Kamradt 2023: what to do in San Francisco.
    case sandwich
    /// Kamradt 2024: three ingredients, spread from the depth to the end.
    case ingredients
    /// EasyContext: a magic number.
    case number
    /// EasyContext: the same among other cities' numbers.
    case distractors
  }
  public var tasks: [Task]
  let grid: DepthGrid
  public var haystack: Haystack

  public init(tasks: [Task] = Task.allCases, _ grid: DepthGrid, haystack: Haystack) {
    (self.tasks, self.grid, self.haystack) = (tasks, grid, haystack)
  }

  /// One cell for each length and task.
  public var cells: [TestCell] {
    grid.lengths.flatMap { length in
      tasks.map { task in
        let places = grid.coordinates(suite: Self.name, task: task.rawValue, length: length)
        return TestCell(independent: places) { [self] place, counter in
          try item(task, place, counter)
        }
      }
    }
  }

  private func item(_ task: Task, _ place: TestCoordinates, _ counter: TokenCounter) throws -> TestItem? {
    let needle: any Needle =
      switch task {
      case .sandwich: SandwichNeedle()
      case .ingredients: IngredientNeedles()
      case .number: NumberNeedle(seed: grid.seed, sample: place.sample, distractors: 0)
      case .distractors: NumberNeedle(seed: grid.seed, sample: place.sample, distractors: NumberNeedle.cities.count)
      }
    func prompt(_ words: Int) -> Prompt {
      needle.prompt(hidingIn: HaystackText(haystack.prefix(words)), depth: place.depth ?? 0)
    }
    let room = place.length - needle.answerTokens
    // A word has a token at least.
    guard
      let words = try greatestSize(in: 1...max(1, room), fitting: room, tokens: { try counter.prompt(prompt($0)) })
    else { return nil }
    return TestItem(
      place, prompt(words), expected: needle.expected, scoring: needle.scoring, answerTokens: needle.answerTokens)
  }
}

/// Something hidden in a haystack and asked for.
protocol Needle {
  var expected: [String] { get }
  var scoring: ScoringRule { get }
  var answerTokens: Int { get }
  func prompt(hidingIn text: HaystackText, depth: Double) -> Prompt
}
