import EvaluationSuites
import RecipeFormat
import Testing

@Suite struct GateTests {
  private func gates(_ yaml: String) throws -> [Gate] {
    try Recipe(yaml: minimal(stage: "gates: \(yaml)")).stages[0].gates
  }

  @Test func `a gate is a demand alone, or a section`() throws {
    #expect(
      try gates(
        "[passkey: 0.9, kv: 1, perplexity: 12.5, short_perplexity: 1.03, short_divergence: 0.05, short_same_top: 0.9]")
        == [
          .retrieval(RetrievalGate(.passkey, atLeast: 0.9)), .retrieval(RetrievalGate(.keyValue, atLeast: 1)),
          .perplexity(PerplexityGate(atMost: 12.5)), .short(ShortGate(.perplexity, limit: 1.03)),
          .short(ShortGate(.divergence, limit: 0.05)), .short(ShortGate(.sameTop, limit: 0.9)),
        ])
    #expect(
      try gates(
        """
        [needle: { tasks: [number, sandwich], length: 512, samples: 2, depths: [0, 1], at_least: 0.5 },
         ruler: { tasks: vt, at_least: 0.1 }, longeval: { tasks: [lines], at_least: 0.2 }, ruler: 0.3,
         perplexity: { length: 1k, samples: 7, at_most: 3 }, short_perplexity: { samples: 9, at_most: 2 },
         short_divergence: { samples: 8, at_most: 3 }, short_same_top: { samples: 7, at_least: 1 }]
        """.replacing("\n", with: " ")) == [
          .retrieval(
            RetrievalGate(.needle([.number, .sandwich]), length: 512, samples: 2, depths: [0, 1], atLeast: 0.5)),
          .retrieval(RetrievalGate(.ruler([.variableTracking]), atLeast: 0.1)),
          .retrieval(RetrievalGate(.longeval([.lines]), atLeast: 0.2)),
          .retrieval(RetrievalGate(.ruler(RULERTask.generated), atLeast: 0.3)),
          .perplexity(PerplexityGate(length: 1024, samples: 7, atMost: 3)),
          .short(ShortGate(.perplexity, samples: 9, limit: 2)), .short(ShortGate(.divergence, samples: 8, limit: 3)),
          .short(ShortGate(.sameTop, samples: 7, limit: 1)),
        ])
  }

  @Test func `gates survive being written out`() throws {
    let recipe = try Recipe(
      yaml: minimal(
        stage:
          "repeats: 2\n    gates: [passkey: 0.9, needle: 0.8, longeval: 0.7, ruler: 0.6, kv: 0.5, perplexity: 4, "
          + "short_perplexity: 1.1, short_divergence: 0.1, short_same_top: 0.8]",
        rest: "evaluation: { texts: book.txt }"))
    #expect(recipe.evaluation.texts == ["book.txt"] && recipe.stages[0].repeats == 2)
    #expect(recipe.stages[0].gates.count == 9)
    #expect(try Recipe(yaml: recipe.effectiveYAML) == recipe)
    #expect(
      recipe.effectiveYAML.contains("tasks: [number") == false && recipe.effectiveYAML.contains("tasks: [sandwich"))
  }

  @Test(arguments: [
    ("passkeys: 0.9", "[0].passkeys", "did you mean passkey?"),
    ("passkey: 90", "[0].passkey", "a number above 0 to 1"),
    ("passkey: 0", "[0].passkey", "a number above 0 to 1"),
    ("passkey: { samples: 2 }", "[0].passkey.at_least", "the key is required"),
    ("passkey: { at_leest: 1, at_least: 1 }", "[0].passkey.at_leest", "did you mean at_least?"),
    ("passkey: { tasks: [x], at_least: 1 }", "[0].passkey.tasks", "the key is not known"),
    ("passkey: { length: 2k, at_least: 1 }", "[0].passkey.length", "the stage trains 1024 tokens of context"),
    ("passkey: { length: 63, at_least: 1 }", "[0].passkey.length", "a number of tokens from 64"),
    ("passkey: { depths: [0.5, 2], at_least: 1 }", "[0].passkey.depths[1]", "from 0 to 1"),
    ("passkey: { depths: [0.5, 0.5], at_least: 1 }", "[0].passkey.depths[1]", "each is named once"),
    ("ruler: { tasks: [vt, qa_1], at_least: 1 }", "[0].ruler.tasks[1]", "allowed is niah_single_1"),
    ("ruler: { depths: [0], at_least: 1 }", "[0].ruler.depths", "the key is not known"),
    ("needle: { tasks: [number, number], at_least: 1 }", "[0].needle.tasks[1]", "each is named once"),
    ("perplexity: { at_least: 1 }", "[0].perplexity.at_least", "the key is not known"),
    ("perplexity: { length: 1M, at_most: 1 }", "[0].perplexity.length", "the stage trains 1024 tokens"),
    ("short_perplexity: { length: 64, at_most: 1 }", "[0].short_perplexity.length", "the key is not known"),
    ("short_perplexity: -1", "[0].short_perplexity", "a number above 0"),
    ("short_divergence: 0", "[0].short_divergence", "a number above 0"),
    ("short_divergence: { at_least: 1 }", "[0].short_divergence.at_least", "the key is not known"),
    ("short_same_top: 90", "[0].short_same_top", "a number above 0 to 1"),
    ("short_same_top: { at_most: 1 }", "[0].short_same_top.at_most", "the key is not known"),
    ("passkey", "[0]", "needed is one of"),
  ])
  func `what a gate cannot say is refused with its place, the rule and a repair`(
    gate: String, path: String, part: String
  ) throws {
    let found = problems(minimal(stage: "gates: [\(gate)]"))
    let problem = try #require(found.first { $0.path == "stages[0].gates\(path)" }, "\(found)")
    #expect("\(problem)".contains(part), "\(problem)")
    #expect(problem.place?.hasPrefix("line 8") == true && !problem.repair.isEmpty)
  }

  @Test func `repetitions without gates, contexts without room and perplexities without texts are refused`() {
    #expect(problems(minimal(stage: "repeats: 1")).map(\.path) == ["stages[0].repeats"])
    #expect(
      problems(minimal(stage: "gates: [passkey: 1]").replacing("1k", with: "32")).map(\.path) == [
        "stages[0].gates[0].passkey"
      ])
    let nothing = "data: { held_out: 0 }\nevaluation: { held_out_sequences: 0"
    let gate = "gates: [passkey: 1, short_perplexity: 1.03, perplexity: 4, short_divergence: 1]"
    #expect(
      problems(minimal(stage: gate, rest: nothing + " }")).map(\.path) == [
        "stages[0].gates[1].short_perplexity", "stages[0].gates[2].perplexity", "stages[0].gates[3].short_divergence",
      ])
    #expect(problems(minimal(stage: gate, rest: nothing + ", texts: [a.txt] }")) == [])
  }

  @Test func `a gate is passed at its border and not beyond it`() throws {
    let gates = try gates(
      "[passkey: 0.9, perplexity: 12, short_perplexity: 1.03, short_divergence: 0.2, short_same_top: 0.9]")
    for gate in [gates[0], gates[4]] {
      #expect(gate.isPassed(by: 0.9) && gate.isPassed(by: 1) && !gate.isPassed(by: 0.899))
    }
    for (gate, limit) in [(gates[1], 12.0), (gates[2], 1.03), (gates[3], 0.2)] {
      #expect(gate.isPassed(by: limit) && gate.isPassed(by: 0.1) && !gate.isPassed(by: limit + 1e-6))
      #expect(!gate.isPassed(by: .nan) && !gate.isPassed(by: .infinity))
    }
    #expect(!gates[0].isPassed(by: .nan) && !gates[4].isPassed(by: .nan))
  }

  @Test func `the summary names demands and what failure leads to`() throws {
    var recipe = try Recipe(
      yaml: minimal(
        stage:
          "gates: [passkey: { length: 512, at_least: 0.9 }, ruler: { tasks: [vt, cwe], at_least: 0.5 }, short_perplexity: 1.03, short_divergence: 0.05, short_same_top: 0.9]"
      ))
    #expect(
      recipe.stages[0].gateSummary
        == "gates of one: passkey at 512 ≥ 0.9, ruler vt+cwe at 1024 ≥ 0.5, short_perplexity ÷ that of the base ≤ 1.03, "
        + "short_divergence from the base in nats ≤ 0.05, short_same_top as the base ≥ 0.9; "
        + "if one fails, the run stops")
    recipe.stages[0].repeats = 2
    #expect(recipe.stages[0].gateSummary?.contains("trained again, up to 2 times") == true)
    #expect(try Recipe(yaml: minimal()).stages[0].gateSummary == nil)
  }

  @Test func `rounds end after each repetition, and no later than the last`() throws {
    var stage = try Recipe(yaml: minimal(stage: "schedule: { linear: { warmup_steps: 1 } }")).stages[0]
    #expect([0, 1, 3, 4, 9].map(stage.endOfRound) == [3, 3, 3, 3, 3] && stage.mostSteps == 3)
    stage.repeats = 2
    #expect([0, 1, 3, 4, 6, 7, 9, 10].map(stage.endOfRound) == [3, 3, 3, 6, 6, 9, 9, 9] && stage.mostSteps == 9)
    #expect((0..<3).map(stage.learningRate) == (3..<6).map(stage.learningRate))
  }
}
