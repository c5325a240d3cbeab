/// Floating-point operations of one sequence, a multiply-add counted as two.
///
/// Linear layers: 2 per weight and token. Causal attention, forward: 4·q·layers for each pair of tokens that see each
/// other (QKᵀ and PV below the diagonal). Kaplan et al. 2020 with the attention term of Narayanan et al. 2021, causal half.
public struct FLOPCount: Equatable, Sendable {
  /// Forward operations of the blocks' linear layers, of attention, and of the output layer over every token.
  public let linear, attention, head: Double

  public init(_ c: LlamaConfiguration, sequenceLength: Int) {
    let n = Double(sequenceLength), d = Double(c.hiddenSize), layers = Double(c.layerCount)
    let q = Double(c.headCount * c.headSize), kv = Double(c.keyHeadCount * c.headSize)
    linear = 2 * n * layers * (2 * d * q + 2 * d * kv + 3 * d * Double(c.feedForwardSize))
    attention = 4 * c.visiblePairs(sequenceLength: sequenceLength) * q * layers
    head = 2 * n * d * Double(c.vocabularySize)
  }

  /// Of reading a text, for which the output layer sees its last token only.
  public var reading: Double { linear + attention }

  /// Forward and backward of the mathematics alone: the figure to compare programs by.
  public var model: Double { 3 * (linear + attention + head) }

  /// As this trainer works: linear layers run once more in backward unless their block keeps its activations,
  /// attention's output is kept, its scores are formed again (3.5 units), and the loss forms its gradient in the
  /// forward pass.
  ///
  /// - Parameter share: of the blocks, those that compute their activations again.
  public func trainedHere(recomputing share: Double = 1) -> Double {
    (3 + share) * linear + 3.5 * attention + 3 * head
  }
}

extension LlamaConfiguration {
  /// Which share of the work of reading the tokens from `start` to `end` of a text is done after its first `count`.
  public func readingShare(_ count: Int, from start: Int, to end: Int) -> Double {
    func work(_ count: Int) -> Double { FLOPCount(self, sequenceLength: count).reading }
    return end > start ? (work(count) - work(start)) / (work(end) - work(start)) : 1
  }

  /// Pairs of a token and one it sees, in one sequence without borders: n²/2, or n·w − w²/2 within a window of w.
  public func visiblePairs(sequenceLength n: Int) -> Double {
    let n = Double(n), window = min(n, slidingWindow.map(Double.init) ?? n)
    return window * (n - window / 2)
  }
}
