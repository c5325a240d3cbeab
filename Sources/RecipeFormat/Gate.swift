public import EvaluationSuites

/// What a stage must have reached at its end, by one of the suites of `extend evaluate`, before the run goes on.
public enum Gate: Equatable, Sendable {
  /// The mean score of a retrieval test, at least so much.
  case retrieval(RetrievalGate)
  /// The perplexity of texts by position, at most so much.
  case perplexity(PerplexityGate)
  /// The perplexity at the length the model was made for, at most so many times what it was before the first stage.
  case shortPerplexity(ShortPerplexityGate)

  /// Its key in a recipe.
  public var name: String {
    switch self {
    case .retrieval(let gate): gate.test.name
    case .perplexity: "perplexity"
    case .shortPerplexity: "short_perplexity"
    }
  }

  /// Tokens of what is measured at the end of a stage of some context; nil for the length the model was made for.
  public func length(context: Int) -> Int? {
    switch self {
    case .retrieval(let gate): gate.length ?? context
    case .perplexity(let gate): gate.length ?? context
    case .shortPerplexity: nil
    }
  }

  /// Whether it needs texts as people write them.
  var measuresTexts: Bool { if case .retrieval = self { false } else { true } }

  /// What is measured at the end of a stage of some context: "passkey at 65536".
  public func subject(context: Int) -> String {
    let subject = if case .retrieval(let gate) = self { gate.test.summary } else { name }
    return subject + (length(context: context).map { " at \($0)" } ?? " ÷ that of the base")
  }

  /// What is demanded of it: "≥ 0.9".
  public var demand: String {
    switch self {
    case .retrieval(let gate): "≥ \(NumberText.text(gate.atLeast))"
    case .perplexity(let gate): "≤ \(NumberText.text(gate.atMost))"
    case .shortPerplexity(let gate): "≤ \(NumberText.text(gate.atMost))"
    }
  }

  /// Whether a measured value is enough. Means of thirds are not exact, so a billionth is no matter.
  public func isPassed(by value: Double) -> Bool {
    switch self {
    case .retrieval(let gate): value >= gate.atLeast - 1e-9
    case .perplexity(let gate): value <= gate.atMost
    case .shortPerplexity(let gate): value <= gate.atMost
    }
  }
}

extension StageRecipe {
  /// What is demanded at the stage's end and what a failure leads to; nil where nothing is demanded.
  public var gateSummary: String? {
    if gates.isEmpty { return nil }
    let demands = gates.map { "\($0.subject(context: context)) \($0.demand)" }.joined(separator: ", ")
    let failure = repeats == 0 ? "" : "the stage is trained again, up to \(repeats) times (not in the sums), then "
    return "gates of \(name): \(demands); if one fails, \(failure)the run stops"
  }
}

/// A demand on the mean score of a retrieval test.
public struct RetrievalGate: Equatable, Sendable {
  /// Which suite, and which of its tasks; the mean is over all of them.
  public enum Test: Equatable, Sendable {
    case passkey
    case needle([NeedleSuite.Task])
    case longeval([LongEvalSuite.Task])
    case ruler([RULERTask])
    case keyValue
  }
  public var test: Test
  /// In tokens; nil for the stage's context.
  public var length: Int?
  /// Tests of each task, and at each depth. The default is 5.
  public var samples: Int
  /// Where things are hidden, 0 at the beginning, 1 at the end; for passkey, needle and key-value.
  public var depths: [Double]
  /// Mean score, above 0 to 1.
  public var atLeast: Double

  public init(
    _ test: Test, length: Int? = nil, samples: Int = 5, depths: [Double] = PasskeyRecipe().depths, atLeast: Double
  ) {
    (self.test, self.length, self.samples, self.depths, self.atLeast) = (test, length, samples, depths, atLeast)
  }
}

extension RetrievalGate.Test {
  var name: String {
    switch self {
    case .passkey: PasskeySuite.name
    case .needle: NeedleSuite.name
    case .longeval: LongEvalSuite.name
    case .ruler: RULERSuite.name
    case .keyValue: KeyValueSuite.name
    }
  }

  /// The name, with the tasks where they are not all.
  fileprivate var summary: String {
    func with<Task: Equatable>(_ tasks: [Task], of all: [Task], _ name: (Task) -> String) -> String {
      tasks == all ? self.name : "\(self.name) \(tasks.map(name).joined(separator: "+"))"
    }
    return switch self {
    case .passkey, .keyValue: name
    case .needle(let tasks): with(tasks, of: NeedleSuite.Task.allCases, \.rawValue)
    case .longeval(let tasks): with(tasks, of: LongEvalSuite.Task.allCases, \.rawValue)
    case .ruler(let tasks): with(tasks, of: RULERTask.generated, \.rawValue)
    }
  }
}

/// A demand on the perplexity of texts of one length.
public struct PerplexityGate: Equatable, Sendable {
  /// In tokens; nil for the stage's context.
  public var length: Int?
  /// How many pieces of text. The default is 5.
  public var samples: Int
  public var atMost: Double

  public init(length: Int? = nil, samples: Int = 5, atMost: Double) {
    (self.length, self.samples, self.atMost) = (length, samples, atMost)
  }
}

/// A demand on what the model lost at the length it was made for.
public struct ShortPerplexityGate: Equatable, Sendable {
  /// How many pieces of text. The default is 5.
  public var samples: Int
  /// Times the perplexity before the first stage.
  public var atMost: Double

  public init(samples: Int = 5, atMost: Double) { (self.samples, self.atMost) = (samples, atMost) }
}
