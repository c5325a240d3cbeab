public import Kernels

extension KeyValueCache {
  /// The bytes of a layer's pages, for files; pages of `CachePage.tokens` tokens in the order of the text.
  public func bytes(ofLayer layer: Int, page: Int) -> [UInt8] { layers[layer].pages[page].bytes }

  /// Pages in each layer.
  public var pageCount: Int { (count + CachePage.tokens - 1) / CachePage.tokens }

  /// A cache of `count` tokens whose pages come from elsewhere.
  ///
  /// - Parameter bytes: gives what `bytes(ofLayer:page:)` gave.
  public init<E: Error>(
    _ configuration: LlamaConfiguration, capacity: Int, precision: CachePrecision, count: Int,
    bytes: (_ layer: Int, _ page: Int) throws(E) -> [UInt8]
  ) throws(E) {
    self.init(configuration, capacity: capacity, precision: precision)
    require(count <= capacity, "KeyValueCache: \(count) tokens do not fit \(capacity)")
    self.count = count
    for layer in layers.indices {
      for page in 0..<pageCount {
        let content = try bytes(layer, page)
        layers[layer].pages.append(
          CachePage(
            precision, keyHeads: configuration.keyHeadCount, headSize: configuration.headSize, bytes: content.span))
      }
    }
  }
}
