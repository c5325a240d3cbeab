import LlamaModel

private var originalContextCodec: Codec<Int?> { Codec.tokens(8...StageRecipe.longestContext).orNull }

extension YaRN {
  static var codec: Codec<YaRN> {
    .section(
      YaRN(factor: 1),
      [
        Field("factor", \.factor, .factor, isRequired: true),
        Field("beta_fast", \.betaFast, .positive),
        Field("beta_slow", \.betaSlow, .positive),
        Field("attention_factor", \.attentionFactor, Codec.positive.orNull),
        Field("truncate", \.truncates, .boolean),
        Field("original_context", \.originalContext, originalContextCodec, or: ["original_max_position_embeddings"]),
      ],
      check: { yarn, path, problems in
        if problems.isSound(path), yarn.betaFast <= yarn.betaSlow {
          problems.add(
            join(path, "beta_fast"), found: "\(yarn.betaFast)", rule: "beta_fast is above beta_slow = \(yarn.betaSlow)",
            repair: "the usual values are 32 and 1")
        }
      })
  }
}

extension Llama3 {
  static var codec: Codec<Llama3> {
    .section(
      Llama3(factor: 1),
      [
        Field("factor", \.factor, .factor, isRequired: true),
        Field("low_freq_factor", \.lowFrequencyFactor, .positive),
        Field("high_freq_factor", \.highFrequencyFactor, .positive),
        Field("original_context", \.originalContext, originalContextCodec, or: ["original_max_position_embeddings"]),
      ],
      check: { llama3, path, problems in
        if problems.isSound(path), llama3.highFrequencyFactor <= llama3.lowFrequencyFactor {
          problems.add(
            join(path, "high_freq_factor"), found: "\(llama3.highFrequencyFactor)",
            rule: "high_freq_factor is above low_freq_factor = \(llama3.lowFrequencyFactor)",
            repair: "the usual values are 4 and 1")
        }
      })
  }
}

extension LongRoPE {
  static var codec: Codec<LongRoPE> {
    let factors = Codec.positive.list(1...4096, flow: true)
    return .section(
      LongRoPE(shortFactors: [], longFactors: []),
      [
        Field("short_factor", \.shortFactors, factors, isRequired: true),
        Field("long_factor", \.longFactors, factors, isRequired: true),
        Field("attention_factor", \.attentionFactor, Codec.positive.orNull),
        Field("original_context", \.originalContext, originalContextCodec, or: ["original_max_position_embeddings"]),
      ],
      check: { longRoPE, path, problems in
        if problems.isSound(path), longRoPE.shortFactors.count != longRoPE.longFactors.count {
          problems.add(
            join(path, "long_factor"), found: "\(longRoPE.longFactors.count) numbers",
            rule: "short_factor has \(longRoPE.shortFactors.count), and both have one for each pair of a head",
            repair: "write headSize / 2 numbers in both")
        }
      })
  }
}
