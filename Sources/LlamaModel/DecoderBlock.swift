import Kernels
public import TensorCore

/// One layer: attention and feed-forward, each after a norm and added to the residual stream.
public struct DecoderBlock: Sendable {
  /// [D]
  public var attentionNorm: Tensor
  public var query, key, value: Linear
  /// [headSize]; nil where heads are not normalized.
  public var queryNorm, keyNorm: Tensor?
  public var output: Linear
  /// [D]
  public var feedForwardNorm: Tensor
  public var gate, up, down: Linear

  /// Tokens the feed-forward layer treats at a time: its inner width times this bounds its memory.
  static let feedForwardTile = 2048

  /// The layer over a whole sequence, keeping for backward its input and attention's result only, or with
  /// `keepsActivations` every intermediate result.
  ///
  /// - Shapes: x [n, D] → [n, D].
  func callAsFunction(
    _ x: Tensor, _ configuration: LlamaConfiguration, _ positions: PositionContext, _ precision: Precision,
    keepsActivations: Bool
  ) -> Tensor {
    let layer = { @Sendable (x: Tensor, recomputation: inout Recomputation) in
      let (q, k, v) = queryKeyValue(x, configuration, positions, precision)
      let attended = Tensor.causalAttention(
        q: q, k: k, v: v, headSize: configuration.headSize, pattern: positions.pattern, precision: precision,
        keeping: &recomputation)
      return feedForward(
        x + output(attended, precision), configuration, precision, needsValues: recomputation.needsValues,
        keepsActivations: keepsActivations)
    }
    guard keepsActivations else { return x.recomputed(layer) }
    var recomputation = Recomputation.none
    return layer(x, &recomputation)
  }

  /// The layer over the next tokens of a sequence whose keys and values are cached. Not differentiable.
  func callAsFunction(
    _ x: Tensor, _ configuration: LlamaConfiguration, _ positions: PositionContext, _ precision: Precision,
    cache: inout KeyValueCache.Layer
  ) -> Tensor {
    let (q, k, v) = queryKeyValue(x, configuration, positions, precision)
    cache.append(keys: k, values: v, at: positions.pattern.queryOffset)
    var recomputation = Recomputation.none
    let attended = Tensor.causalAttention(
      q: q, k: cache.keys, v: cache.values, headSize: configuration.headSize, pattern: positions.pattern,
      precision: precision, keeping: &recomputation)
    return feedForward(x + output(attended, precision), configuration, precision, needsValues: true)
  }

  private func queryKeyValue(
    _ x: Tensor, _ configuration: LlamaConfiguration, _ positions: PositionContext, _ precision: Precision
  ) -> (q: Tensor, k: Tensor, v: Tensor) {
    let normalized = x.rmsNormalized(by: attentionNorm, epsilon: Float(configuration.normEpsilon))
    func rotated(_ x: Tensor, _ norm: Tensor?) -> Tensor {
      (norm.map { x.headsNormalized(by: $0, epsilon: Float(configuration.normEpsilon)) } ?? x)
        .rotated(cosine: positions.cosine, sine: positions.sine, headSize: configuration.headSize)
    }
    let q = rotated(query(normalized, precision), queryNorm), k = rotated(key(normalized, precision), keyNorm)
    return (q, k, value(normalized, precision))
  }

  private func feedForward(
    _ h: Tensor, _ configuration: LlamaConfiguration, _ precision: Precision, needsValues: Bool,
    keepsActivations: Bool = false
  ) -> Tensor {
    h.tiled(rows: Self.feedForwardTile, needsValues: needsValues, keepsActivations: keepsActivations) { h in
      let normalized = h.rmsNormalized(by: feedForwardNorm, epsilon: Float(configuration.normEpsilon))
      return h + down(.swiGLU(gate: gate(normalized, precision), up: up(normalized, precision)), precision)
    }
  }
}

extension Tensor {
  /// Each head divided by its root mean square, then scaled. Shapes: [n, heads·headSize], `weight` [headSize] → the same.
  fileprivate func headsNormalized(by weight: Tensor, epsilon: Float) -> Tensor {
    reshaped(to: Shape(shape.count / weight.shape.count, weight.shape.count))
      .rmsNormalized(by: weight, epsilon: epsilon).reshaped(to: shape)
  }
}
