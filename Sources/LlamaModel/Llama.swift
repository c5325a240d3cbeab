public import Kernels
public import TensorCore

/// A Llama-family language model: a value that holds its parameters.
public struct Llama: Sendable {
  public var configuration: LlamaConfiguration
  /// [V, D]
  public var embedding: Tensor
  public var blocks: [DecoderBlock]
  /// [D]
  public var norm: Tensor
  /// [V, D]; nil when the embedding serves as output layer.
  public var output: Tensor?
  /// The embedding and the output layer in the blocks of their file, for inference; the tensors are then empty.
  var storedEmbedding, storedOutput: BlockMatrix?
  /// Of every product in the forward and backward pass; the parameters themselves are single precision.
  public var precision = Precision.fp32
  /// How many of the last blocks keep their activations for backward instead of computing them again: memory for
  /// time. The bits are the same.
  public var blocksKeepingActivations = 0
  /// Where and how the other blocks keep what backward needs.
  public var activations = ActivationStore()

  /// Builds the model from whatever supplies its parameters.
  ///
  /// - Parameter parameter: gives the tensor of a name and shape of `configuration.parameters`.
  public init<E: Error>(
    _ configuration: LlamaConfiguration, parameter: (ParameterDescription) throws(E) -> Tensor
  ) throws(E) {
    self.init(empty: configuration)
    var descriptions = configuration.parameters[...]
    try visitParameters { (name, tensor) throws(E) in
      let description = descriptions.removeFirst()
      require(name == description.name, "Llama: expected the parameter \(description.name), got \(name)")
      tensor = try parameter(description)
      require(
        tensor.shape == description.shape,
        "Llama: \(description.name) must have shape \(description.shape), got \(tensor.shape)")
    }
  }

  /// Without values, but with a place for each.
  init(empty configuration: LlamaConfiguration) {
    require(configuration.problems.isEmpty, "Llama: \(configuration.problems.joined(separator: "; "))")
    self.configuration = configuration
    let empty = Tensor(zeros: Shape(0))
    func linear(hasBias: Bool) -> Linear { Linear(weight: empty, bias: hasBias ? empty : nil) }
    let projection = linear(hasBias: configuration.hasQueryKeyValueBias)
    let feedForward = linear(hasBias: configuration.hasFeedForwardBias)
    let block = DecoderBlock(
      attentionNorm: empty, query: projection, key: projection, value: projection,
      queryNorm: configuration.hasQueryKeyNorm ? empty : nil, keyNorm: configuration.hasQueryKeyNorm ? empty : nil,
      output: linear(hasBias: configuration.hasOutputBias), feedForwardNorm: empty, gate: feedForward, up: feedForward,
      down: feedForward)
    blocks = Array(repeating: block, count: configuration.layerCount)
    (embedding, norm, output) = (empty, empty, configuration.tiesEmbeddings ? nil : empty)
  }

  /// The matrix that turns hidden states into logits. Shape: [V, D].
  public var outputWeight: Tensor { output ?? embedding }
}

extension Llama {
  /// Visits every parameter with its name, in the order of `configuration.parameters`; the one authority on names.
  public mutating func visitParameters<E: Error>(_ visit: (String, inout Tensor) throws(E) -> Void) throws(E) {
    try visit("model.embed_tokens.weight", &embedding)
    for layer in blocks.indices {
      let block = "model.layers.\(layer)."
      try visit(block + "input_layernorm.weight", &blocks[layer].attentionNorm)
      try blocks[layer].query.visit(block + "self_attn.q_proj", visit)
      try blocks[layer].key.visit(block + "self_attn.k_proj", visit)
      try blocks[layer].value.visit(block + "self_attn.v_proj", visit)
      try Self.visit(block + "self_attn.q_norm.weight", &blocks[layer].queryNorm, visit)
      try Self.visit(block + "self_attn.k_norm.weight", &blocks[layer].keyNorm, visit)
      try blocks[layer].output.visit(block + "self_attn.o_proj", visit)
      try visit(block + "post_attention_layernorm.weight", &blocks[layer].feedForwardNorm)
      try blocks[layer].gate.visit(block + "mlp.gate_proj", visit)
      try blocks[layer].up.visit(block + "mlp.up_proj", visit)
      try blocks[layer].down.visit(block + "mlp.down_proj", visit)
    }
    try visit("model.norm.weight", &norm)
    try Self.visit("lm_head.weight", &output, visit)
  }

  /// Visits a parameter that some models do not have.
  private static func visit<E: Error>(
    _ name: String, _ tensor: inout Tensor?, _ visit: (String, inout Tensor) throws(E) -> Void
  ) throws(E) {
    guard var present = tensor else { return }
    tensor = nil  // so that `visit` has the only reference and may write in place
    defer { tensor = present }
    try visit(name, &present)
  }

  /// Every parameter with its name; values are shared, not copied.
  public var namedParameters: [(name: String, tensor: Tensor)] {
    var copy = self
    var list: [(name: String, tensor: Tensor)] = []
    copy.visitParameters { name, tensor in list.append((name, tensor)) }
    return list
  }

  /// The same model without gradients: for scoring and generation, where nothing may be kept for backward.
  public func frozen() -> Llama {
    var copy = self
    copy.visitParameters { _, tensor in tensor = tensor.detached() }
    return copy
  }
}
