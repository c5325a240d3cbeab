/// What every schedule's section can hold.
private struct Parameters {
  var warmUp = LearningRateSchedule.WarmUp.none
  var minimumRatio = 0.0

  static func codec(hasMinimum: Bool) -> Codec<Parameters> {
    let share = Codec.number("from 0 to below 1", example: "0.03") { $0 >= 0 && $0 < 1 }
    let fields = [
      Field<Parameters>(
        "warmup_steps", .count(0...1_000_000_000),
        get: { if case .steps(let steps) = $0.warmUp { steps } else { nil } }, set: { $0.warmUp = .steps($1) }),
      Field<Parameters>(
        "warmup_ratio", share, get: { if case .ratio(let ratio) = $0.warmUp { ratio } else { nil } },
        set: { $0.warmUp = .ratio($1) }),
    ]
    let minimum = Field("minimum_ratio", \Parameters.minimumRatio, share, or: ["min_lr_ratio"])
    return .section(
      Parameters(), hasMinimum ? fields + [minimum] : fields,
      alternatives: [Alternatives(keys: ["warmup_steps", "warmup_ratio"], isRequired: false)])
  }
}

extension LearningRateSchedule {
  static var codec: Codec<LearningRateSchedule> {
    .choice(
      words: [
        ("constant", .constant(warmUp: .none)), ("linear", .linear(warmUp: .none, minimumRatio: 0)),
        ("cosine", .cosine(warmUp: .none, minimumRatio: 0)),
      ],
      [
        Choice(
          "constant", Parameters.codec(hasMinimum: false), { .constant(warmUp: $0.warmUp) },
          from: { if case .constant(let warmUp) = $0 { Parameters(warmUp: warmUp) } else { nil } }),
        Choice(
          "linear", Parameters.codec(hasMinimum: true), { .linear(warmUp: $0.warmUp, minimumRatio: $0.minimumRatio) },
          from: {
            if case .linear(let warmUp, let minimum) = $0 {
              Parameters(warmUp: warmUp, minimumRatio: minimum)
            } else {
              nil
            }
          }),
        Choice(
          "cosine", Parameters.codec(hasMinimum: true), { .cosine(warmUp: $0.warmUp, minimumRatio: $0.minimumRatio) },
          from: {
            if case .cosine(let warmUp, let minimum) = $0 {
              Parameters(warmUp: warmUp, minimumRatio: minimum)
            } else {
              nil
            }
          }),
      ])
  }
}
