/// The families of models whose block this is: they differ in a few flags of `LlamaConfiguration`, and in how their files
/// name and arrange the same parameters.
public enum ModelFamily: String, CaseIterable, Sendable, Codable {
  /// Llama 1 to 3.3, and what was trained in its shape.
  case llama
  /// Llama's layout, with a sliding window in some releases.
  case mistral
  /// Biases on query, key and value.
  case qwen2
  /// Norms over each head of queries and keys.
  case qwen3
  /// Query, key and value in one matrix on file, gate and up in another.
  case phi3

  /// Released models of the family, for messages.
  public var members: String {
    switch self {
    case .llama: "Llama 1 to 3.3, SmolLM2, TinyLlama, Yi, DeepSeek-LLM, Vicuna, LongChat"
    case .mistral: "Mistral 7B, Nemo"
    case .qwen2: "Qwen2, Qwen2.5"
    case .qwen3: "Qwen3"
    case .phi3: "Phi-3"
    }
  }
}
