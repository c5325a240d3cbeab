import GGUFFormat

extension Verifier {
  /// A key, its one type or that of an array's elements, and whether llama.cpp can do without.
  private struct Rule {
    var key: String
    var type: MetadataType
    var isArray = false, isRequired = false
    init(_ key: String, _ type: MetadataType, isArray: Bool = false, isRequired: Bool = false) {
      (self.key, self.type, self.isArray, self.isRequired) = (key, type, isArray, isRequired)
    }

    var expected: String { isArray ? "an array of \(type)" : "\(type)" }

    func allows(_ value: MetadataValue) -> Bool {
      guard isArray else { return value.type == type }
      if case .array(let array) = value { return array.elementType == type }
      return false
    }
  }

  /// llama.cpp reads each key in exactly one type.
  private static func rules(_ architecture: String) -> [Rule] {
    let model: [Rule] = [
      Rule("context_length", .uint32, isRequired: true), Rule("embedding_length", .uint32, isRequired: true),
      Rule("block_count", .uint32, isRequired: true), Rule("feed_forward_length", .uint32, isRequired: true),
      Rule("attention.head_count", .uint32, isRequired: true), Rule("attention.head_count_kv", .uint32),
      Rule("attention.key_length", .uint32), Rule("attention.value_length", .uint32),
      Rule("attention.layer_norm_rms_epsilon", .float32, isRequired: true),
      Rule("attention.sliding_window", .uint32), Rule("rope.dimension_count", .uint32),
      Rule("rope.freq_base", .float32), Rule("rope.scale_linear", .float32), Rule("rope.scaling.type", .string),
      Rule("rope.scaling.factor", .float32), Rule("rope.scaling.attn_factor", .float32),
      Rule("rope.scaling.original_context_length", .uint32), Rule("rope.scaling.finetuned", .bool),
      Rule("vocab_size", .uint32),
    ].map { (rule: Rule) -> Rule in Rule(architecture + "." + rule.key, rule.type, isRequired: rule.isRequired) }
    let ids = ["bos", "eos", "eot", "eom", "unknown", "padding"].map {
      Rule("tokenizer.ggml.\($0)_token_id", .uint32)
    }
    let flags = ["add_bos_token", "add_eos_token", "add_space_prefix"].map { Rule("tokenizer.ggml.\($0)", .bool) }
    return [
      Rule("general.architecture", .string, isRequired: true), Rule("general.alignment", .uint32),
      Rule("general.file_type", .uint32), Rule("general.quantization_version", .uint32),
      Rule("tokenizer.ggml.model", .string, isRequired: true), Rule("tokenizer.ggml.pre", .string),
      Rule("tokenizer.chat_template", .string), Rule("tokenizer.ggml.tokens", .string, isArray: true, isRequired: true),
      Rule("tokenizer.ggml.token_type", .int32, isArray: true), Rule("tokenizer.ggml.scores", .float32, isArray: true),
      Rule("tokenizer.ggml.merges", .string, isArray: true),
    ] + model + ids + flags
  }

  /// Keys that are missing, or of a type that llama.cpp would not read.
  mutating func checkKeys(_ metadata: Metadata) {
    let architecture = (try? metadata.find("general.architecture", as: String.self)) ?? nil
    for rule in Self.rules(architecture ?? "llama") {
      guard let value = metadata[rule.key] else {
        if rule.isRequired {
          note(
            .error, "key \(rule.key)", found: "no such key", expected: rule.expected,
            repair: "llama.cpp stops with \"key not found in model\"; convert the model again.")
        }
        continue
      }
      if !rule.allows(value) {
        note(
          .error, "key \(rule.key)", found: value.typeDescription, expected: rule.expected,
          repair: "llama.cpp stops with \"wrong type\"; write the key again in that type.")
      }
    }
  }
}
