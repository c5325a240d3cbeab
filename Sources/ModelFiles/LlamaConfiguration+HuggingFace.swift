import JSONText
import LlamaModel

extension LlamaConfiguration {
  /// The configuration that a `config.json` describes, with transformers' meaning of absent keys.
  ///
  /// - Parameter holdsOutput: whether the weights have an output layer of their own, which decides where the file does
  ///   not say.
  init(huggingFace config: JSONFile, holdsOutput: Bool) throws {
    let family = try Self.family(config)
    try Self.refuseUnsupported(config)
    let hidden = try config.require("hidden_size", config.integer("hidden_size"))
    let heads = try config.require("num_attention_heads", config.integer("num_attention_heads"))
    var headSize = try config.integer("head_dim")
    if headSize == nil && family == .qwen3 { headSize = 128 }
    let hasBias = try config.bool("attention_bias") ?? false
    self.init(
      family: family, vocabularySize: try config.require("vocab_size", config.integer("vocab_size")),
      hiddenSize: hidden, feedForwardSize: try config.require("intermediate_size", config.integer("intermediate_size")),
      layerCount: try config.require("num_hidden_layers", config.integer("num_hidden_layers")), headCount: heads,
      keyHeadCount: try config.integer("num_key_value_heads") ?? (family == .mistral ? 8 : heads),
      headSize: headSize ?? (heads > 0 ? hidden / heads : 0),
      normEpsilon: try config.number("rms_norm_eps") ?? (family == .phi3 ? 1e-5 : 1e-6),
      tiesEmbeddings: try config.bool("tie_word_embeddings") ?? !holdsOutput,
      hasQueryKeyValueBias: family.queryKeyValueBias.holds(hasBias), hasOutputBias: family.outputBias.holds(hasBias),
      hasFeedForwardBias: family.feedForwardBias.holds(try config.bool("mlp_bias") ?? false),
      hasQueryKeyNorm: family.queryKeyNorm.holds(false),
      rope: RoPEDescription(originalContext: 8, originalTheta: 10_000))
    if let problem = problems.first {
      throw config.error("model sizes", problem, "a consistent configuration", "Fetch config.json again.")
    }
    slidingWindow = try slidingWindow(config)
    if let problem = problems.first { throw config.error("sliding_window", problem, "a positive number, or null") }
    rope = try RoPEDescription(huggingFace: config, family: family, headSize: self.headSize)
  }

  private static func family(_ config: JSONFile) throws -> ModelFamily {
    let repair = "Use a model of one of these families."
    let type = try config.require("model_type", config.string("model_type"))
    guard let family = ModelFamily(rawValue: type) else {
      throw config.error("model_type", "\"\(type)\"", ModelFamily.supported, repair)
    }
    if let name = try config.strings("architectures")?.first, name != family.modelClass {
      throw config.error("architectures", "\"\(name)\"", "\"\(family.modelClass)\", a language model", repair)
    }
    return family
  }

  /// Keys that change what the model computes.
  private static func refuseUnsupported(_ config: JSONFile) throws {
    if let activation = try config.string("hidden_act"), activation != "silu", activation != "swish" {
      throw config.error("hidden_act", "\"\(activation)\"", "\"silu\"", "Use a model with SwiGLU.")
    }
    if let quantization = config.value("quantization_config") {
      throw config.error(
        "quantization_config", quantization.kind, "unquantised weights",
        "Use the model before quantisation; GGUF files may be quantised.")
    }
    for key in ["partial_rotary_factor", "rotary_pct"] {
      if let share = try config.number(key), share != 1 {
        throw config.error(key, "\(share)", "1", "Partly rotated heads are not supported.")
      }
    }
  }

  /// The window that all layers share, or nil; layers of both kinds in one model are refused.
  private func slidingWindow(_ config: JSONFile) throws -> Int? {
    let window: Int?
    var slides = [Bool](repeating: true, count: layerCount)
    switch family {
    case .llama: return nil
    case .mistral, .phi3:
      let isUnsaid = config.object["sliding_window"] == nil
      window = isUnsaid && family == .mistral ? 4096 : try config.integer("sliding_window")
    case .qwen2, .qwen3:
      guard try config.bool("use_sliding_window") ?? false else { return nil }
      let first = try config.integer("max_window_layers") ?? 28
      slides = (0..<layerCount).map { $0 >= first }
      window = config.object["sliding_window"] == nil ? 4096 : try config.integer("sliding_window")
    }
    if let types = try config.strings("layer_types"), family != .mistral, family != .phi3 {
      guard types.count == layerCount, types.allSatisfy({ ["full_attention", "sliding_attention"].contains($0) }) else {
        throw config.error(
          "layer_types", "\(types.count) layers of types \(Set(types).sorted())",
          "full_attention or sliding_attention for each of \(layerCount) layers")
      }
      slides = types.map { $0 == "sliding_attention" }
    }
    guard let window, slides.contains(true) else { return nil }
    if slides.contains(false) {
      throw config.error(
        "layer_types", "\(slides.count { $0 }) of \(layerCount) layers with a sliding window", "all of them, or none",
        "Use a model whose layers all see the same tokens.")
    }
    return window
  }
}
