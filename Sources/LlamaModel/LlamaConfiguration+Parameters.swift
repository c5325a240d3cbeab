public import TensorCore

/// A parameter as checkpoints and files know it.
public struct ParameterDescription: Equatable, Sendable {
  /// The name Hugging Face gives it, such as `model.layers.0.self_attn.q_proj.weight`.
  public var name: String
  public var shape: Shape
}

extension LlamaConfiguration {
  /// Every parameter, in the order of `Llama.visitParameters`.
  public var parameters: [ParameterDescription] {
    let (d, f) = (hiddenSize, feedForwardSize)
    let (q, kv) = (headCount * headSize, keyHeadCount * headSize)
    var list = [ParameterDescription(name: "model.embed_tokens.weight", shape: Shape(vocabularySize, d))]
    func add(_ name: String, _ extents: Int..., unless absent: Bool = false) {
      if !absent { list.append(ParameterDescription(name: name, shape: Shape(extents))) }
    }
    for layer in 0..<layerCount {
      let block = "model.layers.\(layer)."
      add(block + "input_layernorm.weight", d)
      for (name, rows) in [("q", q), ("k", kv), ("v", kv)] {
        add(block + "self_attn.\(name)_proj.weight", rows, d)
        add(block + "self_attn.\(name)_proj.bias", rows, unless: !hasQueryKeyValueBias)
      }
      add(block + "self_attn.q_norm.weight", headSize, unless: !hasQueryKeyNorm)
      add(block + "self_attn.k_norm.weight", headSize, unless: !hasQueryKeyNorm)
      add(block + "self_attn.o_proj.weight", d, q)
      add(block + "self_attn.o_proj.bias", d, unless: !hasOutputBias)
      add(block + "post_attention_layernorm.weight", d)
      for (name, rows, columns) in [("gate", f, d), ("up", f, d), ("down", d, f)] {
        add(block + "mlp.\(name)_proj.weight", rows, columns)
        add(block + "mlp.\(name)_proj.bias", rows, unless: !hasFeedForwardBias)
      }
    }
    add("model.norm.weight", d)
    add("lm_head.weight", vocabularySize, d, unless: tiesEmbeddings)
    return list
  }

  /// The number of trained values.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.shape.count } }
}
