import Kernels
public import TensorCore

extension Llama {
  /// Rows whose products read a matrix once: decoding.
  static let fewRows = 8
  /// Rows from which on products have the bits of longer sequences' products, with room to spare.
  private static let manyRows = 32
  /// Tokens read at a time while a long prompt fills the cache; bounds memory.
  private static let mostTokens = 2048

  /// Queries that attention treats together; a text cut at multiples of it has the bits of the whole.
  private var queryBlock: Int {
    AttentionExtents(
      queries: 0, keys: 0, queryOffset: 0, heads: configuration.headCount, keyHeads: configuration.keyHeadCount,
      headSize: configuration.headSize, scale: 1
    ).queryBlock
  }

  /// The last place at which reading a text of `count` tokens may begin, after cached ones, so that all hidden states from
  /// there on have the bits of the whole text read at once; 0 where there is none.
  ///
  /// - Parameters:
  ///   - limit: the place is not beyond it.
  ///   - unit: the place is a multiple of it.
  public func exactStart(atMost limit: Int, of count: Int, multipleOf unit: Int) -> Int {
    var step = queryBlock
    while step % unit != 0 { step += queryBlock }
    return max(0, min(limit, count - Self.manyRows)) / step * step
  }

  /// Tiles in which `count` tokens are read after `offset` cached ones: none too short to have the bits of the whole, all
  /// cut where attention begins a new block of queries.
  ///
  /// - Returns: their lengths.
  func prefillTiles(count: Int, after offset: Int) -> [Int] {
    let block = queryBlock, tile = max(1, Self.mostTokens / block) * block
    let short = (Self.manyRows + block - 1) / block * block
    var tiles: [Int] = [], rest = count
    while rest > tile {
      let next = rest - tile < Self.manyRows && tile > short ? tile - short : tile
      tiles.append(next)
      rest -= next
    }
    return rest > 0 ? tiles + [rest] : tiles
  }

  /// Reads tokens after those in the cache and gives the final hidden state of the last `tail` of them.
  ///
  /// A text read at once into an empty, exact cache has the bits of `hidden(tokens:)`, however long it is. Use a frozen
  /// model. Memory beside the cache: that of 2,048 tokens, and one layer's keys and values as floats.
  ///
  /// - Parameter goesOn: sees after each tile how many of the tokens were read; false ends the reading.
  /// - Shapes: tokens [n], n ≥ 1 → [min(tail, n), D]; nil when it was ended, the cache then holds what was read.
  public func read(
    _ tokens: [Int32], into cache: inout KeyValueCache, tail: Int = 1, goesOn: (Int) -> Bool
  ) -> Tensor? {
    require(!embedding.isTracked, "read: use frozen(), or every step would be kept for backward")
    require(
      !tokens.isEmpty && cache.count + tokens.count <= cache.capacity,
      "read: expected 1...\(cache.capacity - cache.count) tokens, got \(tokens.count)")
    var states: [Tensor] = [], done = 0
    for count in prefillTiles(count: tokens.count, after: cache.count) {
      let positions = PositionContext(configuration, offset: cache.count, count: count, capacity: cache.capacity)
      var x = embedded(Array(tokens[done..<done + count]))
      for layer in blocks.indices {
        x = blocks[layer](x, configuration, positions, precision, cache: &cache.layers[layer])
      }
      cache.count += count
      done += count
      let wanted = min(count, tail - (tokens.count - done))
      if wanted > 0 { states.append(x.rows(count - wanted..<count)) }
      if done < tokens.count, !goesOn(done) { return nil }
    }
    return Tensor(stackingRows: states).rmsNormalized(by: norm, epsilon: Float(configuration.normEpsilon))
  }

  /// As above, to the end.
  public func read(_ tokens: [Int32], into cache: inout KeyValueCache, tail: Int = 1) -> Tensor {
    guard let states = read(tokens, into: &cache, tail: tail, goesOn: { _ in true }) else { stop("read: was ended") }
    return states
  }

  /// Logits of the token after the last one read, with the bits that `logits(tokens:)` has there.
  ///
  /// - Shapes: tokens [n], n ≥ 1 → [V] values; nil when `goesOn` ended it.
  public func nextLogits(
    after tokens: [Int32], cache: inout KeyValueCache, goesOn: (Int) -> Bool
  ) -> [Float]? {
    // Few rows and many rows are multiplied in different ways, so more rows than few must be, where there are.
    let rows = tokens.count > Self.fewRows && precision == .fp32 ? Self.fewRows + 1 : 1
    guard let states = read(tokens, into: &cache, tail: rows, goesOn: goesOn) else { return nil }
    return logits(ofStates: states).rows(states.shape.rows - 1..<states.shape.rows).values
  }

  /// As above, to the end.
  public func nextLogits(after tokens: [Int32], cache: inout KeyValueCache) -> [Float] {
    guard let logits = nextLogits(after: tokens, cache: &cache, goesOn: { _ in true }) else {
      stop("nextLogits: was ended")
    }
    return logits
  }
}
