public import LlamaModel

/// Floating-point operations of one sequence, a multiply-add counted as two.
///
/// Linear layers: 2 per weight and token. Causal attention, forward: 2·n²·q·layers (the half below the diagonal of
/// QKᵀ and PV). Kaplan et al. 2020 with the attention term of Narayanan et al. 2021, causal half.
public struct FLOPCount: Equatable, Sendable {
  /// Forward operations of the blocks' linear layers, of attention, and of the output layer over every token.
  public let linear, attention, head: Double

  public init(_ c: LlamaConfiguration, sequenceLength: Int) {
    let n = Double(sequenceLength), d = Double(c.hiddenSize), layers = Double(c.layerCount)
    let q = Double(c.headCount * c.headSize), kv = Double(c.keyHeadCount * c.headSize)
    linear = 2 * n * layers * (2 * d * q + 2 * d * kv + 3 * d * Double(c.feedForwardSize))
    attention = 2 * n * n * q * layers
    head = 2 * n * d * Double(c.vocabularySize)
  }

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
