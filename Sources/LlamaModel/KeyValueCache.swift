public import TensorCore

/// Keys and values of the tokens a model has read, so that each further token costs one step.
public struct KeyValueCache: Sendable {
  /// One layer's keys (rotated) and values. Shapes: [capacity, keyHeads·headSize].
  struct Layer: Sendable {
    var keys, values: Tensor

    mutating func append(keys newKeys: Tensor, values newValues: Tensor, at offset: Int) {
      keys.setRows(newKeys, at: offset)
      values.setRows(newValues, at: offset)
    }
  }

  /// Tokens there is room for.
  public let capacity: Int
  /// Tokens read so far.
  public internal(set) var count = 0
  var layers: [Layer]

  /// Memory: 8 · layers · capacity · keyHeads · headSize bytes, touched as it fills.
  public init(_ configuration: LlamaConfiguration, capacity: Int) {
    self.capacity = capacity
    let shape = Shape(capacity, configuration.keyHeadCount * configuration.headSize)
    layers = (0..<configuration.layerCount).map { _ in Layer(keys: Tensor(zeros: shape), values: Tensor(zeros: shape)) }
  }
}

extension Llama {
  /// Tokens read at a time while a long prompt fills the cache; bounds memory.
  private static var prefillTile: Int { 2048 }

  /// Reads tokens after those in the cache and gives the final hidden state of the last `tail` of them.
  ///
  /// Use a frozen model. Shapes: tokens [n], n ≥ 1 → [min(tail, n), D].
  public func read(_ tokens: [Int32], into cache: inout KeyValueCache, tail: Int = 1) -> Tensor {
    precondition(!embedding.isTracked, "read: use frozen(), or every step would be kept for backward")
    precondition(
      !tokens.isEmpty && cache.count + tokens.count <= cache.capacity,
      "read: expected 1...\(cache.capacity - cache.count) tokens, got \(tokens.count)")
    var rest = tokens[...]
    var states: [Tensor] = []
    while !rest.isEmpty {
      let tile = Array(rest.prefix(Self.prefillTile))
      rest = rest.dropFirst(tile.count)
      let positions = PositionContext(configuration, offset: cache.count, count: tile.count, capacity: cache.capacity)
      var x = embedding.embedding(tile)
      for layer in blocks.indices { x = blocks[layer](x, configuration, positions, cache: &cache.layers[layer]) }
      cache.count += tile.count
      let wanted = tail - rest.count
      if wanted > 0 { states.append(x.rows(max(0, tile.count - wanted)..<tile.count)) }
    }
    return Tensor(stackingRows: states).rmsNormalized(by: norm, epsilon: Float(configuration.normEpsilon))
  }

  /// Logits of the token after the last one read. Shapes: tokens [n], n ≥ 1 → [V] values.
  public func nextLogits(after tokens: [Int32], cache: inout KeyValueCache) -> [Float] {
    read(tokens, into: &cache).linear(outputWeight).values
  }
}
