public import LlamaModel

/// Bytes that training one sequence at a time needs, by what they hold.
public struct MemoryEstimate: Equatable, Sendable {
  /// Weights, gradients and two moments: 4 bytes each per parameter.
  public let weights, gradients, moments: Int
  /// Kept for backward: each block's input and attention's output and log-sum-exp.
  public let activations: Int
  /// The larger of two that are never alive together: what the block that is being differentiated needs with its
  /// attention's tiles, and the loss's tile of logits.
  public let workspace: Int
  /// Gradients that the loss forms in the forward pass: the output layer's and the labelled hidden states'.
  public let loss: Int
  /// The program, its tables and the data at hand.
  public let program: Int

  public var peak: Int { weights + gradients + moments + activations + workspace + loss + program }
  /// One checkpoint on disk.
  public var checkpoint: Int { weights + moments }

  public init(_ c: LlamaConfiguration, sequenceLength n: Int, threads: Int, labelledShare: Double = 0.5) {
    let float = 4, p = c.parameterCount, q = c.headCount * c.headSize, kv = c.keyHeadCount * c.headSize
    weights = float * p
    gradients = float * p
    moments = 2 * float * p
    activations = float * n * c.layerCount * (c.hiddenSize + q + c.headCount)
    // Replayed block: norm, q, k, v before and after rotation, attention's sum, and the gradients of each.
    let block = float * n * (6 * c.hiddenSize + 5 * q + 8 * kv)
    // Gate, up, their product, and the gradients of the three.
    let tile = float * min(n, 2048) * (6 * c.feedForwardSize + 6 * c.hiddenSize)
    let group = max(1, c.headCount / c.keyHeadCount), rows = max(256, 16 * group)
    let attention = float * rows * (threads * (1024 + 2 * c.headSize) + c.keyHeadCount * 18 * c.headSize)
    let labelled = Int(Double(n) * labelledShare)
    let logits = float * min(labelled, max(16, min(1024, (1 << 24) / c.vocabularySize))) * c.vocabularySize
    workspace = max(block + tile + attention, logits) + float * n * c.headSize
    loss = float * (c.vocabularySize + labelled) * c.hiddenSize
    program = 48 << 20
  }
}
