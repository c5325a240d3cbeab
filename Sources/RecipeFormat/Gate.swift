public import EvaluationSuites

/// What a stage must have reached at its end, by one of the suites of `extend evaluate`, before the run goes on.
public enum Gate: Equatable, Sendable {
  /// The mean score of a retrieval test, at least so much.
  case retrieval(RetrievalGate)
  /// The perplexity of texts by position, at most so much.
  case perplexity(PerplexityGate)
  /// What the model kept of itself before the first stage, at the length it was made for.
  case short(ShortGate)

  /// Its key in a recipe.
  public var name: String {
    switch self {
    case .retrieval(let gate): gate.test.name
    case .perplexity: "perplexity"
    case .short(let gate): gate.measure.rawValue
    }
  }

  /// Tokens of what is measured at the end of a stage of some context; nil for the length the model was made for.
  public func length(context: Int) -> Int? {
    switch self {
    case .retrieval(let gate): gate.length ?? context
    case .perplexity(let gate): gate.length ?? context
    case .short: nil
    }
  }

  /// How often a model reads a whole text for it.
  public var passes: Int {
    switch self {
    case .retrieval(let gate): gate.samples * gate.test.kinds(depths: gate.depths.count)
    case .perplexity(let gate): gate.samples
    case .short(let gate): gate.measure == .perplexity ? gate.samples : 2 * gate.samples
    }
  }

  /// Whether it needs texts as people write them.
  public var measuresTexts: Bool { if case .retrieval = self { false } else { true } }

  /// What is measured at the end of a stage of some context: "passkey at 65536".
  public func subject(context: Int) -> String {
    let place = length(context: context).map { " at \($0)" } ?? ""
    return switch self {
    case .retrieval(let gate): gate.test.summary + place
    case .perplexity: name + place
    case .short(let gate): name + gate.measure.relation
    }
  }

  /// What is demanded of it: "≥ 0.9".
  public var demand: String {
    switch self {
    case .retrieval(let gate): "≥ \(NumberText.text(gate.atLeast))"
    case .perplexity(let gate): "≤ \(NumberText.text(gate.atMost))"
    case .short(let gate): (gate.measure.isFloor ? "≥ " : "≤ ") + NumberText.text(gate.limit)
    }
  }

  /// Whether a measured value is enough. Means of thirds are not exact, so a billionth is no matter.
  public func isPassed(by value: Double) -> Bool {
    switch self {
    case .retrieval(let gate): value >= gate.atLeast - 1e-9
    case .perplexity(let gate): value <= gate.atMost
    case .short(let gate): gate.measure.isFloor ? value >= gate.limit - 1e-9 : value <= gate.limit
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
  /// Kinds of questions, each asked so many times as there are samples.
  fileprivate func kinds(depths: Int) -> Int {
    switch self {
    case .passkey, .keyValue: depths
    case .needle(let tasks): tasks.count * depths
    case .longeval(let tasks): tasks.count
    case .ruler(let tasks): tasks.count
    }
  }

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

/// A demand on what the model kept at the length it was made for, beside the base: itself before the first stage.
public struct ShortGate: Equatable, Sendable {
  public enum Measure: String, Sendable, CaseIterable {
    /// The perplexity, at most so many times the base's.
    case perplexity = "short_perplexity"
    /// Mean KL(base ‖ model) of the next token, at most so many nats.
    case divergence = "short_divergence"
    /// The part of the tokens at which both prefer the same next one, at least so much.
    case sameTop = "short_same_top"

    /// Whether the limit is the least that is enough, and not the most.
    var isFloor: Bool { self == .sameTop }

    fileprivate var relation: String {
      switch self {
      case .perplexity: " ÷ that of the base"
      case .divergence: " from the base in nats"
      case .sameTop: " as the base"
      }
    }
  }
  public var measure: Measure
  /// How many pieces of text. The default is 5.
  public var samples: Int
  public var limit: Double

  public init(_ measure: Measure, samples: Int = 5, limit: Double) {
    (self.measure, self.samples, self.limit) = (measure, samples, limit)
  }
}
