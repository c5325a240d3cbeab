public import Kernels
import TensorCore

/// Keys and values of the tokens a model has read, so that each further token costs one step.
///
/// A value: a copy shares what was read and goes its own way from there, so that several continuations of one long text
/// read it once. Memory grows by pages of 256 tokens as tokens are read; copies share full pages.
public struct KeyValueCache: Sendable {
  /// One layer's keys (rotated) and values.
  struct Layer: Sendable {
    var pages: [CachePage] = []
    let precision: CachePrecision
    let keyHeads, headSize: Int
  }

  /// Tokens it may hold; positions that depend on a sequence's length (LongRoPE) are those of this length.
  public var capacity: Int {
    willSet { require(newValue >= count, "capacity: \(count) tokens do not fit \(newValue)") }
  }
  public let precision: CachePrecision
  /// Tokens read so far.
  public internal(set) var count = 0
  var layers: [Layer]

  public init(_ configuration: LlamaConfiguration, capacity: Int, precision: CachePrecision = .fp32) {
    (self.capacity, self.precision) = (capacity, precision)
    let layer = Layer(
      precision: precision, keyHeads: configuration.keyHeadCount, headSize: configuration.headSize)
    layers = Array(repeating: layer, count: configuration.layerCount)
  }

  /// Forgets all but the first `count` tokens.
  public mutating func truncate(to count: Int) {
    require((0...self.count).contains(count), "truncate: expected 0...\(self.count) tokens, got \(count)")
    self.count = count
    let pages = (count + CachePage.tokens - 1) / CachePage.tokens
    for layer in layers.indices { layers[layer].pages.removeSubrange(pages...) }
  }

  /// Bytes of all pages, shared ones included.
  public var byteCount: Int { layers.reduce(0) { $0 + $1.pages.reduce(0) { $0 + $1.byteCount } } }
}

extension LlamaConfiguration {
  /// Bytes a cache of so many tokens takes.
  public func cacheBytes(context: Int, precision: CachePrecision) -> Int {
    let page = CachePage.byteCount(precision, keyHeads: keyHeadCount, headSize: headSize)
    let (bytes, overflow) = ((context + CachePage.tokens - 1) / CachePage.tokens)
      .multipliedReportingOverflow(by: layerCount * page)
    return overflow ? Int.max : bytes
  }

  /// Bytes that reading a text of so many tokens takes beside the weights: its cache, one layer's keys and values as floats
  /// and in the forms that products take, and what is formed of 2,048 tokens at a time.
  public func readingBytes(context: Int, cache precision: CachePrecision) -> Int {
    let cache = cacheBytes(context: context, precision: precision)
    guard cache < Int.max / 2 else { return Int.max / 2 }
    let kv = keyHeadCount * headSize, rows = min(context, 2048)
    let token = 5 * hiddenSize + 2 * headCount * headSize + 2 * kv + 3 * feedForwardSize
    let logits = 9 * vocabularySize + min(vocabularySize, 8192) * hiddenSize
    return cache + MemoryLayout<Float>.stride * (7 * context * kv / 2 + rows * token + logits)
  }

  /// Bytes that the scores of every token of a text take beside the weights: the widest of what one layer holds of the
  /// whole text, and what is formed of 2,048 tokens at a time.
  public func scoringBytes(length: Int) -> Int {
    let kv = keyHeadCount * headSize, q = headCount * headSize, rows = min(length, 2048)
    let attention = length * (2 * hiddenSize + 2 * q + 7 * kv / 2)
    let feedForward = length * 4 * hiddenSize + rows * (3 * feedForwardSize + 3 * hiddenSize)
    let logits = 64 * vocabularySize + min(vocabularySize, 8192) * hiddenSize
    return MemoryLayout<Float>.stride * (max(attention, feedForward) + logits)
  }
}

extension KeyValueCache.Layer {
  /// Attention of the next tokens over all tokens so far, whose keys and values these are.
  ///
  /// Everything is read as it was stored, so that no bit depends on how a text was cut, but for exact caches at the start
  /// of a text, where that is the same.
  mutating func attended(
    by q: Tensor, adding k: Tensor, _ v: Tensor, headSize: Int, _ pattern: AttentionPattern, _ precision: Precision
  ) -> Tensor {
    let offset = pattern.queryOffset, end = offset + q.shape.rows
    append(k, v, at: offset)
    if offset > 0, q.shape.rows <= Llama.fewRows {
      return .cachedAttention(q: q, pages: pages, keyHeads: keyHeads, headSize: headSize, pattern: pattern)
    }
    var (keys, values) = (k, v)
    if offset > 0 || self.precision != .fp32 { (keys, values) = Tensor.keysAndValues(in: pages, count: end) }
    var recomputation = Recomputation.none
    return .causalAttention(
      q: q, k: keys, v: values, headSize: headSize, pattern: pattern, precision: precision, keeping: &recomputation)
  }

  private mutating func append(_ k: Tensor, _ v: Tensor, at offset: Int) {
    let span = CachePage.tokens, end = offset + k.shape.rows
    while pages.count * span < end { pages.append(CachePage(precision, keyHeads: keyHeads, headSize: headSize)) }
    for page in offset / span...(end - 1) / span where !isKnownUniquelyReferenced(&pages[page]) {
      pages[page] = pages[page].copy()
    }
    Kernel.store(k.span, v.span, in: pages, at: offset)
  }
}
