public import TensorCore

extension Llama {
  /// The final hidden states of a sequence, layer by layer over the whole of it.
  ///
  /// - Parameter onLayer: sees after each layer how many are done; what it throws ends the pass.
  /// - Shapes: tokens [n], each below V → [n, D].
  public func hidden(
    tokens: [Int32], documentStarts: [Int32] = [0], onLayer: (Int) throws -> Void
  ) rethrows -> Tensor {
    let positions = PositionContext(configuration, documentStarts: documentStarts, count: tokens.count)
    var x = embedded(tokens)
    for (layer, block) in blocks.enumerated() {
      x = block(
        x, configuration, positions, precision, keepsActivations: layer >= blocks.count - blocksKeepingActivations,
        in: activations)
      try onLayer(layer + 1)
    }
    return x.rmsNormalized(by: norm, epsilon: Float(configuration.normEpsilon))
  }

  /// As above, to the end.
  public func hidden(tokens: [Int32], documentStarts: [Int32] = [0]) -> Tensor {
    hidden(tokens: tokens, documentStarts: documentStarts, onLayer: { _ in })
  }

  /// Σ −log p(label) over the labelled positions of a sequence; divide by `labelCount` for the mean.
  ///
  /// - Parameter onLayer: sees after each layer how many are done; what it throws ends the pass.
  /// - Shapes: → [].
  public func loss(of sequence: TokenSequence, onLayer: (Int) throws -> Void) rethrows -> Tensor {
    try hidden(tokens: sequence.tokens, documentStarts: sequence.documentStarts, onLayer: onLayer)
      .linearCrossEntropy(outputWeight, labels: sequence.labels, precision: precision)
  }

  /// As above, to the end.
  public func loss(of sequence: TokenSequence) -> Tensor { loss(of: sequence, onLayer: { _ in }) }

  /// Logits of every position; for short sequences, since [n, V] values are formed.
  ///
  /// - Shapes: tokens [n] → [n, V].
  public func logits(tokens: [Int32]) -> Tensor { hidden(tokens: tokens).linear(outputWeight, precision: precision) }
}
