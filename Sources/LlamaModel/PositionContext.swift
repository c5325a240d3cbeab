import TensorCore

/// What a layer must know about positions: the angles of each token and the keys each token sees.
struct PositionContext: Sendable {
  /// [n, headSize / 2]
  let cosine, sine: Tensor
  let pattern: AttentionPattern

  /// Positions count from each document's start when documents are isolated.
  init(_ configuration: LlamaConfiguration, documentStarts: [Int32], count: Int) {
    let pattern = AttentionPattern.documents(starts: documentStarts, count: count)
    let positions = pattern.firstKey.enumerated().map { t, start in t - Int(start) }
    self.init(configuration, positions: positions, pattern: pattern, sequenceLength: count)
  }

  /// The next `count` tokens after `offset` cached ones.
  init(_ configuration: LlamaConfiguration, offset: Int, count: Int, capacity: Int) {
    self.init(
      configuration, positions: Array(offset..<offset + count), pattern: .causal(queries: count, queryOffset: offset),
      sequenceLength: capacity)
  }

  private init(
    _ configuration: LlamaConfiguration, positions: [Int], pattern: AttentionPattern, sequenceLength: Int
  ) {
    let headSize = configuration.headSize
    let shape = Shape(positions.count, headSize / 2)
    let table = configuration.rope.table(positions: positions, headSize: headSize, sequenceLength: sequenceLength)
    cosine = Tensor(shape, table.cos)
    sine = Tensor(shape, table.sin)
    self.pattern = pattern.windowed(configuration.slidingWindow)
  }
}
