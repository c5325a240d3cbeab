import LlamaModel
import RecipeFormat
import Testing

@Suite struct RecipeWritingTests {
  @Test func theEffectiveRecipeReadsBackAsTheSameValue() throws {
    for builtIn in BuiltInRecipe.all {
      let recipe = try Recipe(yaml: builtIn.text)
      let effective = recipe.effectiveYAML
      #expect(try Recipe(yaml: effective) == recipe)
      #expect(try Recipe(yaml: effective).effectiveYAML == effective)
    }
  }

  @Test func everyDefaultIsWrittenOut() throws {
    let text = try Recipe(yaml: minimal()).effectiveYAML
    #expect(
      text == """
        name: small
        model: null
        data:
          paths: []
          join_parts: true
          document_mask: isolated
          order: long_first
          over_length: split
          held_out: 0.02
          labels: assistant
          template: null
          date: null
          text: whole
          cleaning:
            rules: []
            keep_languages: []
            skip_languages: []
            split_length: null
            near_duplicates:
              threshold: 0.8
              hashes: 128
              ngram: 5
              unit: words
              seed: 0
        seed: 0
        precision: fp32
        optimizer:
          kind: adamw
          betas: [0.9, 0.95]
          epsilon: 1e-08
          weight_decay: 0.1
          clip_grad_norm: 1
          state: fp32
        memory:
          activations: auto
          storage: fp32
        stages:
        - name: one
          context: 1024
          rope: unchanged
          steps: 3
          batch_size: 1
          gradient_accumulation_steps: 1
          learning_rate: 1e-05
          schedule:
            constant:
              warmup_steps: 0
          gates: []
          repeats: 0
        checkpoints:
          every_steps: null
          every_minutes: 10
          keep_last: 2
        evaluation:
          held_out_sequences: 4
          passkey: null
          before: true
          after: true
          texts: []
        limits:
          memory: null

        """)
  }

  @Test(arguments: [
    "null", "true", "1e5", "~", "a: b", "# no", "line\nbreak", "\"", "'", "\\", " ", "ä/日本.gguf", "[x]", "*a", "- a",
    "a #b", "\u{7}", "65k", "\u{85}", "\u{E000}x",
  ])
  func anyTextSurvives(text: String) throws {
    var recipe = try Recipe(yaml: minimal())
    recipe.model = text
    recipe.data.paths = [text, "b"]
    #expect(try Recipe(yaml: recipe.effectiveYAML) == recipe)
    let lines = recipe.canonicalText.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == (try Recipe(yaml: minimal())).canonicalText.split(separator: "\n").count + 2)
  }

  @Test(arguments: [0.1, 1e-300, 1.0 / 3, 123_456_789.125, Double.leastNonzeroMagnitude, 1e22, 3_580_165_449])
  func numbersSurviveToTheLastBit(number: Double) throws {
    var recipe = try Recipe(yaml: minimal())
    recipe.stages[0].learningRate = number
    recipe.stages[0].rope = .longRoPE(LongRoPE(shortFactors: [1, number], longFactors: [number, 1]))
    #expect(try Recipe(yaml: recipe.effectiveYAML) == recipe)
  }

  @Test func everyShapeOfScheduleSurvives() throws {
    let schedules: [LearningRateSchedule] = [
      .constant(warmUp: .none), .constant(warmUp: .steps(2)), .linear(warmUp: .ratio(0.25), minimumRatio: 0),
      .linear(warmUp: .none, minimumRatio: 0.5), .cosine(warmUp: .steps(1), minimumRatio: 0.1),
      .cosine(warmUp: .ratio(0), minimumRatio: 0),
    ]
    for schedule in schedules {
      var recipe = try Recipe(yaml: minimal())
      recipe.stages[0].schedule = schedule
      #expect(try Recipe(yaml: recipe.effectiveYAML) == recipe)
    }
  }

  @Test func theDifferenceOfTwoRecipesIsTheirPaths() throws {
    let recipe = try Recipe(yaml: minimal())
    #expect(recipe.diff(from: recipe) == [])
    var other = recipe
    other.stages[0].length = .tokens(4096)
    other.optimizer.beta2 = 0.99
    other.evaluation.passkey = PasskeyRecipe(samples: 1, depths: [0.5])
    let changes = other.diff(from: recipe)
    #expect(
      changes.map(\.description) == [
        "stages[0].steps: no longer 3", "evaluation.passkey: no longer null", "optimizer.betas[1]: 0.95 → 0.99",
        "stages[0].tokens: 4096, newly", "evaluation.passkey.samples: 1, newly",
        "evaluation.passkey.depths[0]: 0.5, newly",
      ])
    #expect(other.canonicalText != recipe.canonicalText)
  }

  @Test func equalRecipesHaveEqualTextsHoweverTheyWereWritten() throws {
    let other = minimal().replacing("1k", with: "1_024").replacing("1e-5", with: "0.00001")
    #expect(try Recipe(yaml: other).canonicalText == Recipe(yaml: minimal(rest: "seed: 0")).canonicalText)
  }
}
