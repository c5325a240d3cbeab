import LlamaModel
import Yams

extension StageRecipe {
  /// 2³⁰ tokens of context are a thousand times what anyone has trained with; angles stay exact there.
  static let longestContext = 1 << 30
  /// A thousand stages of 2⁵⁰ tokens can still be added up.
  static let mostTokens = 1 << 50

  static var codec: Codec<StageRecipe> {
    let start = StageRecipe(name: "", context: 0, rope: .unchanged, length: .steps(0), learningRate: 0)
    return .section(
      start,
      [
        Field("name", \.name, .name, isRequired: true),
        Field("context", \.context, .tokens(8...longestContext), or: ["sequence_len", "cutoff_len"], isRequired: true),
        Field("rope", \.rope, RoPEChange.codec, isRequired: true),
        Field(
          "steps", .count(1...1_000_000_000), or: ["max_steps"],
          get: { if case .steps(let steps) = $0.length { steps } else { nil } }, set: { $0.length = .steps($1) }),
        Field(
          "tokens", .tokens(1...mostTokens),
          get: { if case .tokens(let tokens) = $0.length { tokens } else { nil } }, set: { $0.length = .tokens($1) }),
        Field("batch_size", \.batchSize, .count(1...65_536), or: ["micro_batch_size", "sequences"]),
        Field(
          "gradient_accumulation_steps", \.gradientAccumulationSteps, .count(1...65_536), or: ["accumulation"]),
        Field("learning_rate", \.learningRate, .positive, or: ["lr"], isRequired: true),
        Field("schedule", \.schedule, LearningRateSchedule.codec, or: ["lr_scheduler"]),
        Field("gates", \.gates, Gate.codec.list(0...100)),
        Field("repeats", \.repeats, .count(0...100)),
      ],
      alternatives: [Alternatives(keys: ["steps", "tokens"], isRequired: true)],
      check: { stage, path, problems in
        check(stage, path, &problems)
        checkGates(stage, path, &problems)
      })
  }

  private static func check(_ stage: StageRecipe, _ path: String, _ problems: inout Problems) {
    guard ["context", "batch_size", "gradient_accumulation_steps"].allSatisfy({ problems.isSound(join(path, $0)) })
    else { return }
    switch stage.length {
    case .tokens(let tokens):
      if problems.isSound(join(path, "tokens")), tokens < stage.tokensPerStep {
        problems.add(
          join(path, "tokens"), found: "\(tokens)",
          rule: "one step has context × batch_size × gradient_accumulation_steps = \(stage.tokensPerStep) tokens",
          repair: "write \(stage.tokensPerStep) or more, or make the step smaller")
      }
    case .steps(let steps):
      if Double(steps) * Double(stage.tokensPerStep) > Double(mostTokens) {
        problems.add(
          path, found: "\(steps) steps of \(stage.tokensPerStep) tokens", rule: "a stage has at most 2⁵⁰ tokens",
          repair: "use fewer steps or smaller ones")
      }
    }
    let isCounted = problems.isSound(join(path, "steps")) && problems.isSound(join(path, "tokens"))
    if isCounted, stage.steps > 0, problems.isSound(join(path, "schedule")),
      case .steps(let warmUp) = stage.schedule.warmUp,
      warmUp >= stage.steps
    {
      problems.add(
        "\(join(path, "schedule")).\(stage.schedule.name).warmup_steps", found: "\(warmUp)",
        rule: "the stage has \(stage.steps) steps, and warm-up ends before the last",
        repair: "write \(stage.steps - 1) or less, or use warmup_ratio")
    }
  }
}

extension RoPEChange {
  static var codec: Codec<RoPEChange> {
    let rule = Codec<ThetaRule>.choice(words: [("critical", .critical), ("ntk", .ntk)], [])
    let number = Codec.number("above 1, or critical, or ntk", example: "theta: critical") { $0 > 1 }
    // A theta is a word or a number; the rule of the number names both.
    let theta = Codec<ThetaRule>(
      read: { node, path, problems in
        if let text = node.scalar?.string, text.first?.isLetter == true { return rule.read(node, path, &problems) }
        return number.read(node, path, &problems).map { .number($0) }
      },
      write: { value in
        if case .number(let theta) = value { return number.write(theta) }
        return rule.write(value)
      })
    return .choice(
      words: [("unchanged", .unchanged)],
      [
        Choice("theta", theta, { .theta($0) }, from: { if case .theta(let rule) = $0 { rule } else { nil } }),
        Choice("linear", .factor, { .linear(factor: $0) }, from: { if case .linear(let s) = $0 { s } else { nil } }),
        Choice(
          "yarn", YaRN.codec.or(.factor) { YaRN(factor: $0) }, { .yarn($0) },
          from: { if case .yarn(let yarn) = $0 { yarn } else { nil } }),
        Choice(
          "llama3", Llama3.codec.or(.factor) { Llama3(factor: $0) }, { .llama3($0) },
          from: { if case .llama3(let llama3) = $0 { llama3 } else { nil } }),
        Choice(
          "longrope", LongRoPE.codec, { .longRoPE($0) },
          from: { if case .longRoPE(let longRoPE) = $0 { longRoPE } else { nil } }),
      ])
  }
}
