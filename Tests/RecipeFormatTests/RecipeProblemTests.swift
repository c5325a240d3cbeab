import RecipeFormat
import Testing

@Suite struct RecipeProblemTests {
  /// Everything that can be wrong, in one file.
  static let bad = """
    name: a name
    optimiser: { weight_decay: 0 }
    optimizer:
      betas: [0.9]
      weight_decay: -1
      weight_decay: 2
      kind: sgd
      learning_rate: 1e-5
    data:
      document_mask: isolate
      held_out: 0
    evaluation: { before: yes, passkey: { depths: [0, 1.5] } }
    stages:
      - name: one
        context: 64q
        rope: { thetta: 5 }
        steps: 3
        learning_rate: fast
      - name: one
        context: 64k
        rope: { yarn: { beta_fast: 1 } }
        tokens: 64k
        gradient_accumulation_steps: 2
        learning_rate: 1e-5
        schedule: { linear: { warmup_step: 3, warmup_ratio: 0.5, warmup_steps: 1 } }
      - name: three
        context: 64k
        rope: { theta: critcal }
        steps: 3
        learning_rate: 1e-5
        schedule: { cosine: { warmup_steps: 3 } }
    limits: 8GiB
    steps: 4
    seed: 1
    seed: 2
    """

  @Test func allProblemsAreReportedAtOnceWithTheirPlaces() throws {
    let found = problems(Self.bad)
    let expected: [(path: String, line: Int)] = [
      ("seed", 35), ("name", 1), ("optimiser", 2), ("optimizer.weight_decay", 6), ("optimizer.betas", 4),
      ("optimizer.kind", 7), ("optimizer.learning_rate", 8), ("data.document_mask", 10), ("evaluation.before", 12),
      ("evaluation.passkey.depths[1]", 12), ("stages[0].context", 15), ("stages[0].rope.thetta", 16),
      ("stages[0].learning_rate", 18), ("stages[1].rope.yarn.factor", 21),
      ("stages[1].schedule.linear.warmup_step", 25), ("stages[1].schedule.linear", 25), ("stages[1].tokens", 22),
      ("stages[2].rope.theta", 28), ("stages[2].schedule.cosine.warmup_steps", 31), ("limits", 32), ("steps", 33),
    ]
    let paths = found.map(\.path)
    for (path, line) in expected {
      #expect(paths.contains(path))
      let place = found.first { $0.path == path }?.place ?? ""
      #expect(place.hasPrefix("line \(line), "), "\(path): \(place)")
    }
    #expect(paths.filter { path in !expected.contains { $0.path == path } } == [], "\(found)")
    #expect(found.allSatisfy { !$0.rule.isEmpty && !$0.repair.isEmpty })
  }

  @Test func messagesSayWhereWhatAndHow() throws {
    let text = RecipeError(source: "bad.yaml", problems: problems(Self.bad)).description
    for part in [
      "bad.yaml: ", "line 15, column 14: stages[0].context: found \"64q\"; needed is a number of tokens from 8 to",
      "optimiser: the key is not known — did you mean optimizer?", "allowed is isolated, concatenated — write isolated",
      "thetta: the key is not known", "did you mean theta?", "did you mean critical?", "did you mean warmup_steps?",
      "found weight_decay again, first on line 5; a key is given once",
      "optimizer.learning_rate: the key is not known — stages[].learning_rate is where it belongs",
      "the stage has 3 steps, and warm-up ends before the last",
      "one step has context × batch_size × gradient_accumulation_steps = 131072 tokens",
    ] {
      #expect(text.contains(part), "\(part) is not in\n\(text)")
    }
  }

  @Test func numbersThatTheArithmeticCannotHoldAreRefused() {
    for beta in ["1", "0.99999999999"] {
      #expect(problems(minimal(rest: "optimizer: { betas: [0.9, \(beta)] }")).map(\.path) == ["optimizer.betas[1]"])
    }
    #expect(problems(minimal(rest: "optimizer: { epsilon: 1e-60 }")).map(\.path) == ["optimizer.epsilon"])
    let endless = minimal(stage: "batch_size: 65536").replacing("steps: 3", with: "steps: 1000000000")
    #expect(problems(endless).map(\.path) == ["stages[0]"])
    let vast = minimal().replacing("steps: 3", with: "tokens: \(1 << 60)")
    #expect(problems(vast).map(\.path) == ["stages[0].tokens"])
  }

  @Test(arguments: [
    ("memory: { activations: disk }", "memory.activations"), ("memory: { activations: 5 }", "memory.activations"),
    ("memory: { storage: fp16 }", "memory.storage"), ("memory: { storage: null }", "memory.storage"),
    ("memory: spill", "memory"), ("memory: { spill: true }", "memory.spill"),
    ("optimizer: { state: 4bit }", "optimizer.state"), ("optimizer: { state: 8 }", "optimizer.state"),
  ])
  func nonsenseAboutMemoryIsRefused(line: String, path: String) {
    #expect(problems(minimal(rest: line)).map(\.path) == [path])
  }

  @Test func memoryAndStateAreRead() throws {
    let recipe = try Recipe(
      yaml: minimal(rest: "memory: { activations: spill, storage: bf16 }\noptimizer: { state: 8bit }"))
    #expect(recipe.memory == MemoryRecipe(activations: .spill, storage: .bf16))
    #expect(recipe.optimizer.state == .eightBit)
    #expect(try Recipe(yaml: recipe.effectiveYAML) == recipe)
  }

  @Test func stagesWithOneNameAndEvaluationWithoutDataAreRefused() {
    let twice = minimal() + "\n" + minimal().split(separator: "\n").dropFirst(2).joined(separator: "\n")
    #expect(problems(twice).map(\.path) == ["stages[1].name"])
    #expect(problems(minimal(rest: "data: { held_out: 0 }")).map(\.path) == ["evaluation.held_out_sequences"])
    #expect(problems(minimal(rest: "data: { held_out: 0 }\nevaluation: { held_out_sequences: 0 }")) == [])
  }

  @Test(arguments: [
    "name: [", "\tname: a", "a: b: c", "name: \"x", "--- a\n--- b", "*x", "%YAML 9\n---\na: b", "\u{0}", "- a", "text",
    "&a [*a]", "? [a, b]\n: c\n? [a, b]\n: d", "!!int : 3",
  ])
  func whatIsNotARecipeIsRefusedWithoutHarm(text: String) {
    #expect(!problems(text).isEmpty)
  }

  @Test func textMadeToHurtIsRefusedQuickly() {
    #expect(!problems(String(repeating: "[", count: 200_000)).isEmpty)
    #expect(!problems(String(repeating: "a: {", count: 100_000)).isEmpty)
    #expect(!problems(String(repeating: "x", count: 2 << 20)).isEmpty)
    let unknown = problems((0..<20_000).map { "k\($0): 1\n" }.joined())
    #expect(unknown.count == 201 && unknown.last?.rule == "there are 19802 more")
    #expect(!problems(String(repeating: "seed: 1\n", count: 1000)).isEmpty)
    let bomb = (0..<30).map { level in
      "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ","))]"
    }
    #expect(!problems((["a-1: &a-1 x"] + bomb).joined(separator: "\n")).isEmpty)
    let key = (0..<20).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }.joined(separator: "\n")
    #expect(!problems("a-1: &a-1 [x]\n\(key)\n? *a19\n: 1\n").isEmpty)
  }

  @Test func anyPieceOfARecipeIsReadOrRefused() throws {
    let text = try #require(BuiltInRecipe.named("gradient-1m")).text
    let scalars = Array(text.unicodeScalars)
    var state: UInt64 = 1
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let signs = Array("{}[]:,-&*!|>'\"%@`#? \n\t0é\u{85}\u{2028}\u{FEFF}\u{E000}".unicodeScalars)
    var refused = 0
    for _ in 0..<400 {
      var piece = scalars
      for _ in 0...next(3) { piece[next(piece.count)] = signs[next(signs.count)] }
      if next(4) == 0 { piece.removeLast(next(piece.count)) }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: piece)
      refused += problems(String(view)).isEmpty ? 0 : 1
    }
    #expect(refused > 50 && refused < 400)
  }
}
