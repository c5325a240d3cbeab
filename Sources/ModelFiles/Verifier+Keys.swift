import GGUFFormat
import LlamaModel

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

  /// Keys that are missing, of a type that llama.cpp would not read, or named for another architecture.
  mutating func checkKeys(_ metadata: Metadata) {
    let architecture = ((try? metadata.find("general.architecture", as: String.self)) ?? nil) ?? "llama"
    let others = Set(ModelFamily.allCases.map(\.ggufArchitecture)).subtracting([architecture])
    for entry in metadata.entries {
      guard let prefix = entry.key.split(separator: ".").first, others.contains(String(prefix)) else { continue }
      note(
        .error, "key \(entry.key)", found: "a key of another architecture", expected: "keys of \(architecture)",
        repair:
          "llama.cpp passes over it and takes its default; write the key as \(architecture)\(entry.key.dropFirst(prefix.count))."
      )
    }
    for rule in Self.rules(architecture) {
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
