/// RULER's tasks at some lengths; see Docs/Evaluation.md.
public struct RULERSuite: Sendable {
  public static let name = "ruler"
  public var tasks: [RULERTask]
  public var lengths: [Int]
  public var samples: Int
  public var seed: Int
  public var haystack: Haystack
  /// Paragraphs and questions of the tasks that need a file.
  public var questions: [RULERTask: QuestionSet]

  public init(
    tasks: [RULERTask] = RULERTask.generated, lengths: [Int], samples: Int, seed: Int = 42, haystack: Haystack,
    questions: [RULERTask: QuestionSet] = [:]
  ) {
    (self.tasks, self.lengths, self.samples, self.seed) = (tasks, lengths, samples, seed)
    (self.haystack, self.questions) = (haystack, questions)
  }

  /// One cell for each length and task; its items depend on each other, as RULER draws them from one generator.
  public var cells: [TestCell] {
    lengths.flatMap { length in
      tasks.map { task in
        let coordinates = (0..<samples).map {
          TestCoordinates(suite: Self.name, task: task.rawValue, length: length, sample: $0)
        }
        return TestCell(coordinates) { [haystack, seed, questions] counter, isWanted, visit in
          let cell = RULERCell(
            task: task, length: length, seed: seed, haystack: haystack, questions: questions[task], counter: counter)
          try cell.forEachExample(samples: coordinates.count) { sample, example, _ in
            guard isWanted(coordinates[sample]) else { return }
            try visit(
              TestItem(
                coordinates[sample], example.prompt, expected: example.answers, scoring: task.scoring,
                answerTokens: task.answerTokens))
          }
        }
      }
    }
  }
}

/// One task at one length.
struct RULERCell {
  var task: RULERTask
  var length: Int
  var seed: Int
  var haystack: Haystack
  var questions: QuestionSet?
  var counter: TokenCounter

  /// Hands over the examples that fit, each with its tokens, the answer's counted.
  func forEachExample(samples: Int, _ visit: (Int, RULERExample, Int) throws -> Void) throws {
    if let needles = task.needles {
      try run(RULERNeedleGenerator(needles, haystack: haystack, length: length, seed: seed), samples, visit)
    } else if task == .variableTracking {
      try run(RULERVariableGenerator(length: length, seed: seed, counter: counter), samples, visit)
    } else if task == .commonWords {
      try run(RULERCommonWordsGenerator(length: length, seed: seed), samples, visit)
    } else if task == .frequentWords {
      var words = RULERFrequentWords(length: length, seed: seed)
      let size = try words.size(counter)
      for sample in 0..<samples {
        guard let (example, tokens) = try words.example(size: size, counter: counter) else { return }
        try visit(sample, example, tokens + task.answerTokens)
      }
    } else if let questions {
      try run(RULERQuestionGenerator(questions, seed: seed), min(samples, questions.questions.count), visit)
    }
  }

  private func run(
    _ generator: some RULERGenerator, _ samples: Int, _ visit: (Int, RULERExample, Int) throws -> Void
  ) throws {
    var generator = generator
    let size = try generator.size(fitting: length, answerTokens: task.answerTokens, counter: counter)
    for sample in 0..<samples {
      generator.begin(sample: sample)
      guard
        let (example, tokens) = try generator.example(
          size: size, fitting: length, answerTokens: task.answerTokens, counter: counter)
      else { return }
      try visit(sample, example, tokens)
    }
  }
}
