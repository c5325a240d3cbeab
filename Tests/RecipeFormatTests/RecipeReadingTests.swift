import LlamaModel
import RecipeFormat
import Testing
import TextCleaning

/// The shortest recipe there is, with something put in the stage and something after it.
func minimal(stage: String = "", rest: String = "") -> String {
  """
  name: small
  stages:
    - name: one
      context: 1k
      rope: unchanged
      steps: 3
      learning_rate: 1e-5
      \(stage)
  \(rest)
  """
}

func problems(_ yaml: String) -> [RecipeProblem] {
  do throws(RecipeError) {
    _ = try Recipe(yaml: yaml)
    return []
  } catch {
    return error.problems
  }
}

@Suite struct RecipeReadingTests {
  @Test func theShortestRecipeHasTheDefaultsOfTheTypes() throws {
    let recipe = try Recipe(yaml: minimal())
    let stage = StageRecipe(name: "one", context: 1024, rope: .unchanged, length: .steps(3), learningRate: 1e-5)
    #expect(recipe == Recipe(name: "small", stages: [stage]))
    #expect(recipe.optimizer.beta2 == 0.95 && recipe.data.heldOut == 0.02 && recipe.checkpoints.everyMinutes == 10)
  }

  @Test func cleaningRulesAreNamedOneByOneOrByTheirGroup() throws {
    func recipe(_ cleaning: String) throws -> Recipe {
      try Recipe(yaml: minimal() + "\ndata: { cleaning: \(cleaning) }\n")
    }
    for group in RuleGroup.allCases {
      #expect(try recipe("{ rules: \(group.rawValue) }").data.cleaning.rules == group.rules)
    }
    let unknown = #expect(throws: RecipeError.self) { try recipe("{ rules: [too_short, markdown] }") }
    for part in ["data.cleaning.rules[1]", "markdown", "html_to_markdown", "near_duplicates"] {
      #expect("\(unknown.map { "\($0)" } ?? "")".contains(part))
    }
    for wrong in [
      "{ rules: [language] }", "{ rules: [split_long] }", "{ near_duplicates: { hashes: 100 } }",
      "{ near_duplicates: { threshold: 0 } }", "{ keep_languages: [klingon] }", "{ rules: some }",
    ] {
      #expect(throws: RecipeError.self, "\(wrong)") { try recipe(wrong) }
    }
  }

  @Test func everyKeyIsReadIntoItsProperty() throws {
    let recipe = try Recipe(
      yaml: """
        name: all.of_it-1
        model: models/a b.gguf
        data:
          paths: [a.json, "b c.jsonl"]
          join_parts: false
          document_mask: concatenated
          order: shuffled
          over_length: error
          held_out: 0.5
          labels: all
          template: chatml
          date: 2024-02-29
          text: end_of_text
          cleaning:
            rules: [near_duplicates, too_short]
            keep_languages: [en, unknown]
            skip_languages: [ko]
            split_length: 4k
            near_duplicates: { threshold: 0.5, hashes: 64, ngram: 3, unit: characters, seed: 9 }
        seed: 9_000_000_000
        precision: fp32
        optimizer: { kind: adamw, betas: [0.8, 0.999], epsilon: 1.0e-6, weight_decay: 0, clip_grad_norm: null }
        stages:
          - { name: a, context: 65_536, rope: { theta: ntk }, tokens: 1M, batch_size: 2, gradient_accumulation_steps: 3,
              learning_rate: 2.0e-5, schedule: { cosine: { warmup_ratio: 0.03, minimum_ratio: 0.1 } } }
        checkpoints: { every_steps: 5, every_minutes: null, keep_last: 7 }
        evaluation: { held_out_sequences: 11, passkey: { samples: 3, depths: [0, 1] }, before: false, after: false }
        limits: { memory: 8GiB }
        """)
    let stage = StageRecipe(
      name: "a", context: 65_536, rope: .theta(.ntk), length: .tokens(1_048_576), batchSize: 2,
      gradientAccumulationSteps: 3, learningRate: 2e-5,
      schedule: .cosine(warmUp: .ratio(0.03), minimumRatio: 0.1))
    let expected = Recipe(
      name: "all.of_it-1", model: "models/a b.gguf",
      data: DataRecipe(
        paths: ["a.json", "b c.jsonl"], joinParts: false, documentMask: .concatenated, order: .shuffled,
        overLength: .error, heldOut: 0.5, labels: .all, template: "chatml", date: "2024-02-29", text: .endOfText,
        cleaning: CleaningOptions(
          rules: [.nearDuplicates, .tooShort], keptLanguages: [.english, .unknown], skippedLanguages: [.korean],
          splitLength: 4096,
          nearDuplicates: NearDuplicateOptions(threshold: 0.5, hashes: 64, ngram: 3, unit: .characters, seed: 9))),
      seed: 9_000_000_000, precision: .fp32,
      optimizer: OptimizerRecipe(beta1: 0.8, beta2: 0.999, epsilon: 1e-6, weightDecay: 0, clipGradNorm: nil),
      stages: [stage], checkpoints: CheckpointRecipe(everySteps: 5, everyMinutes: nil, keepLast: 7),
      evaluation: EvaluationRecipe(
        heldOutSequences: 11, passkey: PasskeyRecipe(samples: 3, depths: [0, 1]), before: false, after: false),
      limits: LimitRecipe(memory: 8 << 30))
    #expect(recipe == expected)
    // 1,048,576 tokens are 2.67 steps of 2 × 3 × 65,536: three whole ones.
    #expect(stage.tokensPerStep == 393_216 && stage.steps == 3 && stage.tokens == 1_179_648)
  }

  @Test(arguments: [
    ("unchanged", RoPEChange.unchanged), ("{ theta: 15_296_098 }", .theta(.number(15_296_098))),
    ("{ theta: 5e5 }", .theta(.number(500_000))), ("{ theta: critical }", .theta(.critical)),
    ("{ linear: 8 }", .linear(factor: 8)), ("{ linear: 2.5 }", .linear(factor: 2.5)),
    ("{ yarn: 16 }", .yarn(YaRN(factor: 16))),
    (
      "{ yarn: { factor: 4, beta_fast: 4, beta_slow: 2, attention_factor: 1.1, truncate: false, original_context: 4k } }",
      .yarn(YaRN(factor: 4, betaFast: 4, betaSlow: 2, attentionFactor: 1.1, truncates: false, originalContext: 4096))
    ),
    ("{ llama3: 8 }", .llama3(Llama3(factor: 8))),
    (
      "{ llama3: { factor: 32, low_freq_factor: 2, high_freq_factor: 3, original_max_position_embeddings: 8192 } }",
      .llama3(Llama3(factor: 32, lowFrequencyFactor: 2, highFrequencyFactor: 3, originalContext: 8192))
    ),
    (
      "{ longrope: { short_factor: [1, 1.5], long_factor: [1, 30], attention_factor: null, original_context: 4096 } }",
      .longRoPE(LongRoPE(shortFactors: [1, 1.5], longFactors: [1, 30], originalContext: 4096))
    ),
  ])
  func everyKindOfPositionsIsRead(text: String, change: RoPEChange) throws {
    let recipe = try Recipe(yaml: minimal().replacing("rope: unchanged", with: "rope: \(text)"))
    #expect(recipe.stages[0].rope == change)
    #expect(try Recipe(yaml: recipe.effectiveYAML) == recipe)
  }

  @Test(arguments: [
    ("1024", 1024), ("65_536", 65_536), ("64k", 65_536), ("64K", 65_536), ("1M", 1_048_576), ("1.5k", 1536),
    ("1e6", 1_000_000), ("'8192'", 8192),
  ])
  func tokenCountsAreRead(text: String, tokens: Int) throws {
    #expect(try Recipe(yaml: minimal().replacing("1k", with: text)).stages[0].context == tokens)
  }

  @Test(arguments: [
    "64q", "-1", "0", "1.3", "6_", "_6", "6__6", "0x40", "nan", ".inf", "1e99", "k", "''", "[8]", "{a: 1}",
    "99999999999999999999", "٦٤", "64 k", "true",
  ])
  func otherTokenCountsAreRefused(text: String) throws {
    let found = problems(minimal().replacing("1k", with: text))
    #expect(found.map(\.path) == ["stages[0].context"])
    #expect(found.first?.place == "line 4, column 14")
  }

  @Test func wordsOfOtherToolsMeanTheSameKeys() throws {
    let theirs = minimal(
      stage: "micro_batch_size: 2", rest: "optimizer: { max_grad_norm: 2, eps: 1e-6 }\nbase_model: a.gguf")
    let ours = minimal(
      stage: "batch_size: 2", rest: "optimizer: { clip_grad_norm: 2, epsilon: 1e-6 }\nmodel: a.gguf")
    #expect(
      try Recipe(yaml: theirs.replacing("learning_rate", with: "lr").replacing("steps:", with: "max_steps:"))
        == Recipe(yaml: ours))
    let both = problems(minimal(stage: "lr: 1e-4"))
    #expect(both.map(\.path) == ["stages[0].learning_rate"])
  }

  @Test func lengthIsStepsOrTokensAndNotBoth() {
    #expect(problems(minimal(stage: "tokens: 1M")).map(\.rule) == ["exactly one of steps or tokens is allowed"])
    #expect(problems(minimal().replacing("steps: 3", with: "")).map(\.rule) == ["steps or tokens is required"])
    #expect(problems(minimal().replacing("steps: 3", with: "tokens: 512")).map(\.path) == ["stages[0].tokens"])
  }

  @Test func requiredKeysAreNamed() {
    let found = problems("stages: [{}]")
    #expect(
      found.map(\.path) == [
        "stages[0].name", "stages[0].context", "stages[0].rope", "stages[0].learning_rate", "stages[0]", "name",
      ])
    #expect(problems("").map(\.path) == ["name", "stages"])
    #expect(problems("name: a\nstages: []").map(\.path) == ["stages"])
  }
}
