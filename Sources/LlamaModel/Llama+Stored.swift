public import TensorCore
import Kernels

/// A parameter as a model for inference takes it.
public enum StoredParameter: Sendable {
  case values(Tensor)
  /// A matrix that stays in the blocks of its file.
  case blocks(BlockMatrix)
}

extension Llama {
  /// A model for inference, whose matrices may stay in the blocks of their file: it can read and generate with a
  /// `KeyValueCache`, and not be trained.
  ///
  /// - Parameter parameter: gives each of `configuration.parameters`, in its shape; blocks for matrices only.
  public init<E: Error>(
    stored configuration: LlamaConfiguration, parameter: (ParameterDescription) throws(E) -> StoredParameter
  ) throws(E) {
    self.init(empty: configuration)
    var descriptions = configuration.parameters[...], matrices: [String: BlockMatrix] = [:]
    try visitParameters { (name, tensor) throws(E) in
      let description = descriptions.removeFirst(), shape: Shape
      switch try parameter(description) {
      case .values(let values):
        tensor = values.detached()
        shape = values.shape
      case .blocks(let matrix):
        matrices[name] = matrix
        shape = matrix.shape
      }
      require(
        name == description.name && shape == description.shape,
        "Llama: \(description.name) must have shape \(description.shape), got \(name) \(shape)")
    }
    visitProjections { name, projection in projection.stored = matrices[name + ".weight"] }
    storedEmbedding = matrices["model.embed_tokens.weight"]
    storedOutput = configuration.tiesEmbeddings ? storedEmbedding : matrices["lm_head.weight"]
  }

  /// Visits the projections of every block, named as their parameters are.
  mutating func visitProjections(_ visit: (String, inout Linear) -> Void) {
    for layer in blocks.indices {
      let block = "model.layers.\(layer)."
      visit(block + "self_attn.q_proj", &blocks[layer].query)
      visit(block + "self_attn.k_proj", &blocks[layer].key)
      visit(block + "self_attn.v_proj", &blocks[layer].value)
      visit(block + "self_attn.o_proj", &blocks[layer].output)
      visit(block + "mlp.gate_proj", &blocks[layer].gate)
      visit(block + "mlp.up_proj", &blocks[layer].up)
      visit(block + "mlp.down_proj", &blocks[layer].down)
    }
  }

  /// Every matrix that is kept in blocks.
  public var storedMatrices: [BlockMatrix] {
    var copy = self, list = [storedEmbedding].compactMap(\.self)
    copy.visitProjections { _, projection in list += [projection.stored].compactMap(\.self) }
    return configuration.tiesEmbeddings ? list : list + [storedOutput].compactMap(\.self)
  }

  /// The hidden states that tokens begin with. Shapes: [n] → [n, D].
  func embedded(_ tokens: [Int32]) -> Tensor { storedEmbedding?.gathered(tokens) ?? embedding.embedding(tokens) }

  /// Logits of final hidden states, in single precision.
  ///
  /// The output layer is packed some thousand tokens at a time, which bounds memory; no bit depends on it.
  ///
  /// - Shapes: states [n, D] → [n, V].
  public func logits(ofStates states: Tensor) -> Tensor {
    let (rows, vocabulary, part) = (states.shape.rows, configuration.vocabularySize, 8192)
    func product(_ range: Range<Int>?) -> Tensor {
      if let storedOutput { return states.linear(range.map(storedOutput.rows) ?? storedOutput) }
      return states.linear(range.map(outputWeight.rows) ?? outputWeight)
    }
    if rows <= Self.fewRows || vocabulary <= part { return product(nil) }
    var logits = Tensor(zeros: Shape(rows, vocabulary))
    for start in stride(from: 0, to: vocabulary, by: part) {
      let range = start..<min(start + part, vocabulary)
      logits.setColumns(product(range), at: start)
    }
    return logits
  }
}
