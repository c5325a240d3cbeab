import GGUFFormat
import LlamaModel

/// What the blocks of a family have: the same in its class of transformers and in llama.cpp's code of its architecture.
/// Reading, writing and verification of both formats go by these.
extension ModelFamily {
  enum Presence {
    case always, optional, never

    /// Whether a model has the part, if its file says so.
    func holds(_ stated: Bool) -> Bool {
      switch self {
      case .always: true
      case .optional: stated
      case .never: false
      }
    }
    /// Whether a model of the family can be so.
    func allows(_ flag: Bool) -> Bool { holds(flag) == flag }
  }

  /// Biases on query, key and value.
  var queryKeyValueBias: Presence {
    switch self {
    case .qwen2: .always
    case .llama, .qwen3: .optional
    case .mistral, .phi3: .never
    }
  }

  /// A bias on the attention's output; where there can be one, it comes with those on query, key and value.
  var outputBias: Presence {
    switch self {
    case .llama, .qwen3: .optional
    case .mistral, .qwen2, .phi3: .never
    }
  }

  /// Biases on the feed-forward projections.
  var feedForwardBias: Presence { self == .llama ? .optional : .never }

  /// Norms over each head of queries and keys.
  var queryKeyNorm: Presence { self == .qwen3 ? .always : .never }

  /// A window that all layers share.
  var slidingWindow: Presence { self == .llama ? .never : .optional }

  /// The tensors beside the parameters that llama.cpp reads for this family and `rope.scaling.type`; with any other it
  /// refuses the file.
  func positionTensors(type: String?) -> Set<String> {
    let longAndShort: Set = ["rope_factors_long.weight", "rope_factors_short.weight"]
    switch ggufDivisors {
    case .perDimension: return type == "longrope" ? longAndShort : ["rope_freqs.weight"]
    case .longAndShort: return longAndShort
    case .none: return []
    }
  }
}

extension LlamaConfiguration {
  /// The tensors of a file that a model like this does not have, sorted by name.
  func foreignTensors(in file: GGUFFile) -> [String] {
    let type = (try? file.metadata.find(family.ggufArchitecture + ".rope.scaling.type", as: String.self)) ?? nil
    return Set(file.tensors.map(\.name)).subtracting(storedTensors.map { TensorNaming.ggufName($0.name) })
      .subtracting(family.positionTensors(type: type)).sorted()
  }
}
