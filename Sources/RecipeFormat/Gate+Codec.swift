import EvaluationSuites

/// Tokens of what a gate measures.
private let lengths = 64...StageRecipe.longestContext

extension Gate {
  static var codec: Codec<Gate> {
    let number = Codec.number("above 0", example: "1.03") { $0 > 0 }, share = share
    func perplexity(_ name: String) -> Choice<Gate> {
      let fields: [Field<PerplexityGate>] = [
        Field("length", \.length, length.orNull), Field("samples", \.samples, samples),
        Field("at_most", \.atMost, number, isRequired: true),
      ]
      return Choice(
        name, .section(PerplexityGate(atMost: 0), fields).or(number) { PerplexityGate(atMost: $0) },
        { .perplexity($0) }, from: { if case .perplexity(let gate) = $0 { gate } else { nil } })
    }
    func short(_ measure: ShortGate.Measure) -> Choice<Gate> {
      let limit = measure.isFloor ? share : number
      let fields: [Field<ShortGate>] = [
        Field("samples", \.samples, samples),
        Field(measure.isFloor ? "at_least" : "at_most", \.limit, limit, isRequired: true),
      ]
      return Choice(
        measure.rawValue, .section(ShortGate(measure, limit: 0), fields).or(limit) { ShortGate(measure, limit: $0) },
        { .short($0) }, from: { if case .short(let gate) = $0, gate.measure == measure { gate } else { nil } })
    }
    return .choice(
      words: [],
      [
        retrieval(.passkey, [depths]),
        retrieval(
          .needle(NeedleSuite.Task.allCases),
          [
            tasks(NeedleSuite.Task.allCases, { .needle($0) }) { if case .needle(let list) = $0 { list } else { nil } },
            depths,
          ]),
        retrieval(
          .longeval(LongEvalSuite.Task.allCases),
          [
            tasks(LongEvalSuite.Task.allCases, { .longeval($0) }) {
              if case .longeval(let list) = $0 { list } else { nil }
            }
          ]),
        retrieval(
          .ruler(RULERTask.generated),
          [tasks(RULERTask.generated, { .ruler($0) }) { if case .ruler(let list) = $0 { list } else { nil } }]),
        retrieval(.keyValue, [depths]),
        perplexity("perplexity"),
      ] + ShortGate.Measure.allCases.map(short))
  }

  private static var length: Codec<Int> { .tokens(lengths) }
  private static var samples: Codec<Int> { .count(1...10_000) }
  private static var share: Codec<Double> { .number("above 0 to 1", example: "0.9") { $0 > 0 && $0 <= 1 } }

  private static var depths: Field<RetrievalGate> {
    let depth = Codec.number("from 0 to 1", example: "0.5") { $0 >= 0 && $0 <= 1 }
    return Field("depths", \.depths, depth.list(1...1001, flow: true, check: onlyOnce))
  }

  /// The tasks of a suite that need nobody's files.
  private static func tasks<Task: RawRepresentable & Equatable & Sendable>(
    _ all: [Task], _ test: @escaping ([Task]) -> RetrievalGate.Test,
    of list: @escaping (RetrievalGate.Test) -> [Task]?
  ) -> Field<RetrievalGate> where Task.RawValue == String {
    Field(
      "tasks", Codec<Task>.word(among: all).list(1...all.count, allowsOne: true, flow: true, check: onlyOnce),
      get: { list($0.test) }, set: { $0.test = test($1) })
  }

  private static func onlyOnce<Value: Equatable>(
    _ elements: [(index: Int, value: Value)], _ path: String, _ problems: inout Problems
  ) {
    for (place, element) in elements.enumerated() {
      guard let first = elements[..<place].first(where: { $0.value == element.value }) else { continue }
      problems.add(
        "\(path)[\(element.index)]", found: "what \(path)[\(first.index)] is", rule: "each is named once",
        repair: "leave it out")
    }
  }

  /// A section with the fields that all retrieval tests have, or the demand alone.
  private static func retrieval(_ test: RetrievalGate.Test, _ fields: [Field<RetrievalGate>]) -> Choice<Gate> {
    let common: [Field<RetrievalGate>] = [
      Field("length", \.length, length.orNull), Field("samples", \.samples, samples),
      Field("at_least", \.atLeast, share, isRequired: true),
    ]
    return Choice(
      test.name,
      .section(RetrievalGate(test, atLeast: 0), fields + common).or(share) { RetrievalGate(test, atLeast: $0) },
      { .retrieval($0) },
      from: { if case .retrieval(let gate) = $0, gate.test.name == test.name { gate } else { nil } })
  }
}

extension StageRecipe {
  /// Gates that the stage cannot have, and repetitions that nothing would cause.
  static func checkGates(_ stage: StageRecipe, _ path: String, _ problems: inout Problems) {
    guard ["context", "gates", "repeats"].allSatisfy({ problems.isSound(join(path, $0)) }) else { return }
    for (index, gate) in stage.gates.enumerated() {
      guard let length = gate.length(context: stage.context) else { continue }
      if length > stage.context {
        problems.add(
          join(path, "gates[\(index)].\(gate.name).length"), found: "\(length)",
          rule: "the stage trains \(stage.context) tokens of context, and no more are measured at its end",
          repair: "write \(stage.context) or less, or leave it out for \(stage.context)")
      } else if !lengths.contains(length) {
        problems.add(
          join(path, "gates[\(index)].\(gate.name)"), found: "the stage's context of \(length)",
          rule: "what gates measure has \(lengths.lowerBound) tokens or more", repair: "leave the gate out")
      }
    }
    if stage.repeats > 0, stage.gates.isEmpty {
      problems.add(
        join(path, "repeats"), found: "\(stage.repeats)",
        rule: "a stage is repeated when a gate fails, and it has none",
        repair: "write 0, or give the stage gates")
    }
  }
}
