public import LlamaModel

extension ModelFamily {
  /// `model_type` of config.json.
  var modelType: String { rawValue }

  /// The class in `architectures` of config.json.
  public var modelClass: String {
    switch self {
    case .llama: "LlamaForCausalLM"
    case .mistral: "MistralForCausalLM"
    case .qwen2: "Qwen2ForCausalLM"
    case .qwen3: "Qwen3ForCausalLM"
    case .phi3: "Phi3ForCausalLM"
    }
  }

  /// `general.architecture` of a GGUF; Mistral is written as Llama.
  var ggufArchitecture: String { self == .mistral ? "llama" : rawValue }

  /// Whether a GGUF holds query and key rows as adjacent pairs, and not as two halves of a head.
  var pairsRowsInGGUF: Bool { ggufArchitecture == "llama" }

  /// What a GGUF of this family can say about positions beside factors of linear and standard YaRN scaling.
  enum GGUFDivisors { case perDimension, longAndShort, none }
  var ggufDivisors: GGUFDivisors {
    switch self {
    case .llama, .mistral: .perDimension
    case .phi3: .longAndShort
    case .qwen2, .qwen3: .none
    }
  }

  /// All families with their members, for messages.
  static var supported: String { allCases.map { "\($0.modelType) (\($0.members))" }.joined(separator: ", ") }
}
