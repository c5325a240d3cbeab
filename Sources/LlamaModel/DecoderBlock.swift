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

  /// Above so many tokens attention takes nearly all the time, and the normalized input is formed again where it is
  /// needed instead of kept.
  public static let longSequence = 16_384

  /// The layer over a whole sequence, keeping for backward its input and attention's result only, in `store`, or with
  /// `keepsActivations` every intermediate result.
  ///
  /// - Shapes: x [n, D] → [n, D].
  func callAsFunction(
    _ x: Tensor, _ configuration: LlamaConfiguration, _ positions: PositionContext, _ precision: Precision,
    keepsActivations: Bool, in store: ActivationStore
  ) -> Tensor {
    let constant = detached()
    let hasParameters = query.weight.isTracked
    let layer = { @Sendable (x: Tensor, recomputation: inout Recomputation) in
      let block = recomputation.needsGradients ? self : constant
      let attended = block.attention(x, configuration, positions, precision, &recomputation)
      return block.feedForward(
        x + block.output(attended, precision), configuration, precision, needsValues: recomputation.needsValues,
        keepsActivations: keepsActivations)
    }
    if !keepsActivations, hasParameters || x.isTracked {
      return x.recomputed(in: store, hasParameters: hasParameters, layer)
    }
    var recomputation = Recomputation.none
    return layer(x, &recomputation)
  }

  /// The layer with constants for parameters.
  private func detached() -> DecoderBlock {
    var copy = self
    copy.attentionNorm = attentionNorm.detached()
    copy.feedForwardNorm = feedForwardNorm.detached()
    (copy.queryNorm, copy.keyNorm) = (queryNorm?.detached(), keyNorm?.detached())
    for linear in [\DecoderBlock.query, \.key, \.value, \.output, \.gate, \.up, \.down] {
      copy[keyPath: linear] = self[keyPath: linear].detached()
    }
    return copy
  }

  private func attention(
    _ x: Tensor, _ configuration: LlamaConfiguration, _ positions: PositionContext, _ precision: Precision,
    _ recomputation: inout Recomputation
  ) -> Tensor {
    let (q, k, v) = queryKeyValue(x, configuration, positions, precision)
    return .causalAttention(
      q: q, k: k, v: v, headSize: configuration.headSize, pattern: positions.pattern, precision: precision,
      keeping: &recomputation)
  }

  /// The layer over the next tokens of a sequence whose keys and values are cached. Not differentiable.
  func callAsFunction(
    _ x: Tensor, _ configuration: LlamaConfiguration, _ positions: PositionContext, _ precision: Precision,
    cache: inout KeyValueCache.Layer
  ) -> Tensor {
    let (q, k, v) = queryKeyValue(x, configuration, positions, precision)
    let attended = cache.attended(
      by: q, adding: k, v, headSize: configuration.headSize, positions.pattern, precision)
    return feedForward(x + output(attended, precision), configuration, precision, needsValues: true)
  }

  private func queryKeyValue(
    _ x: Tensor, _ configuration: LlamaConfiguration, _ positions: PositionContext, _ precision: Precision
  ) -> (q: Tensor, k: Tensor, v: Tensor) {
    let epsilon = Float(configuration.normEpsilon)
    let isLong = x.shape.rows > Self.longSequence && query.inputSquares == nil && query.stored == nil
    let normalized = isLong ? x : x.rmsNormalized(by: attentionNorm, epsilon: epsilon)
    func projected(_ linear: Linear) -> Tensor {
      guard isLong else { return linear(normalized, precision) }
      return linear(x, normalizedBy: attentionNorm, epsilon: epsilon, rows: Self.feedForwardTile, precision)
    }
    func rotated(_ linear: Linear, _ norm: Tensor?) -> Tensor {
      let x = projected(linear)
      return (norm.map { x.headsNormalized(by: $0, epsilon: epsilon) } ?? x)
        .rotated(cosine: positions.cosine, sine: positions.sine, headSize: configuration.headSize)
    }
    return (rotated(query, queryNorm), rotated(key, keyNorm), projected(value))
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
