import JSONText
import LlamaModel
import Tokenization

extension LlamaConfiguration {
  /// What config.json says of this model: the source's own keys, where it had any, with everything that is known here
  /// set to what is true now.
  ///
  /// - Throws: `ModelFileError` where the family's class has no place for a bias.
  func huggingFaceConfig(
    carrying source: JSONObject?, tokenizer: TokenizerDescription, type: String, path: String
  ) throws(ModelFileError) -> JSONValue {
    try refuseInexpressible(path)
    var config = source ?? JSONObject()
    for key in ["rope_parameters", "rope_scaling", "dtype", "_name_or_path", "transformers_version", "layer_types"] {
      config[key] = nil
    }
    if family != .phi3 { config["original_max_position_embeddings"] = nil }
    config["architectures"] = .array([.string(family.modelClass)])
    config["model_type"] = .string(family.modelType)
    let sizes: [(String, Int)] = [
      ("vocab_size", vocabularySize), ("hidden_size", hiddenSize), ("intermediate_size", feedForwardSize),
      ("num_hidden_layers", layerCount), ("num_attention_heads", headCount), ("num_key_value_heads", keyHeadCount),
    ]
    for (key, size) in sizes { config[key] = .integer(size) }
    // Phi-3's class always divides; Qwen2's obeys the key, and releases do not have it.
    let isDivided = headSize * headCount == hiddenSize && (family == .phi3 || family == .qwen2)
    config["head_dim"] = isDivided ? nil : .integer(headSize)
    config["hidden_act"] = .string("silu")
    config["rms_norm_eps"] = .float(normEpsilon)
    config["tie_word_embeddings"] = .bool(tiesEmbeddings)
    if family.outputBias == .optional { config["attention_bias"] = .bool(hasQueryKeyValueBias) }
    if family.feedForwardBias == .optional { config["mlp_bias"] = .bool(hasFeedForwardBias) }
    setWindow(&config)
    for (key, value) in rope.huggingFaceKeys(family, headSize: headSize) { config[key] = value }
    if let own = rope.ownConfigValue { config[RoPEDescription.ownConfigKey] = own }
    config["torch_dtype"] = .string(type)
    func set(_ key: String, _ id: TokenID?) {
      if config[key] == nil, let id { config[key] = .integer(Int(id)) }
    }
    set("bos_token_id", tokenizer.bos)
    set("eos_token_id", tokenizer.eos)
    set("pad_token_id", tokenizer.padding)
    for key in ["bos_token_id", "eos_token_id", "pad_token_id"] where config[key] == nil { config[key] = .null }
    return .object(config)
  }

  private func setWindow(_ config: inout JSONObject) {
    switch family {
    case .llama: config["sliding_window"] = nil
    case .mistral, .phi3: config["sliding_window"] = slidingWindow.map(JSONValue.integer) ?? .null
    case .qwen2, .qwen3:
      config["use_sliding_window"] = .bool(slidingWindow != nil)
      config["sliding_window"] = slidingWindow.map(JSONValue.integer) ?? .null
      config["max_window_layers"] = .integer(slidingWindow == nil ? layerCount : 0)
    }
  }

  private func refuseInexpressible(_ path: String) throws(ModelFileError) {
    func refuse(_ found: String, _ allowed: String) -> ModelFileError {
      ModelFileError(
        path: path, subject: "config.json", found: found, allowed: allowed, repair: "Export to GGUF instead.")
    }
    let biases = (hasQueryKeyValueBias, hasOutputBias, hasFeedForwardBias)
    let isAllowed =
      family.queryKeyValueBias.allows(biases.0) && biases.1 == family.outputBias.holds(biases.0)
      && family.feedForwardBias.allows(biases.2)
    if !isAllowed {
      throw refuse(
        "biases on query, key and value: \(biases.0), on the attention's output: \(biases.1), on the feed-forward "
          + "layer: \(biases.2)", "what \(family.modelClass) has")
    }
    if !family.slidingWindow.allows(slidingWindow != nil) {
      throw refuse("a sliding window of a Llama", "a family whose class has one: mistral, qwen2, qwen3, phi3")
    }
    if headSize * headCount != hiddenSize, family == .phi3 {
      throw refuse("heads of \(headSize)", "\(hiddenSize / headCount), which \(family.modelClass) computes with")
    }
    if !family.queryKeyNorm.allows(hasQueryKeyNorm) {
      throw refuse("norms of heads: \(hasQueryKeyNorm)", "\(!hasQueryKeyNorm) in \(family.modelClass)")
    }
  }
}
