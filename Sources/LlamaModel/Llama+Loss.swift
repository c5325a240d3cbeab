public import TensorCore

extension Llama {
  /// The final hidden states of a sequence.
  ///
  /// - Shapes: tokens [n], each below V → [n, D].
  public func hidden(tokens: [Int32], documentStarts: [Int32] = [0]) -> Tensor {
    let positions = PositionContext(configuration, documentStarts: documentStarts, count: tokens.count)
    var x = embedding.embedding(tokens)
    for (layer, block) in blocks.enumerated() {
      x = block(
        x, configuration, positions, precision, keepsActivations: layer >= blocks.count - blocksKeepingActivations,
        in: activations)
    }
    return x.rmsNormalized(by: norm, epsilon: Float(configuration.normEpsilon))
  }

  /// Σ −log p(label) over the labelled positions of a sequence; divide by `labelCount` for the mean.
  ///
  /// - Shapes: → [].
  public func loss(of sequence: TokenSequence) -> Tensor {
    hidden(tokens: sequence.tokens, documentStarts: sequence.documentStarts)
      .linearCrossEntropy(outputWeight, labels: sequence.labels, precision: precision)
  }

  /// Logits of every position; for short sequences, since [n, V] values are formed.
  ///
  /// - Shapes: tokens [n] → [n, V].
  public func logits(tokens: [Int32]) -> Tensor { hidden(tokens: tokens).linear(outputWeight, precision: precision) }
}
