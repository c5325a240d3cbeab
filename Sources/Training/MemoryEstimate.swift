public import LlamaModel

/// Bytes that training one sequence at a time needs, by what they hold.
public struct MemoryEstimate: Equatable, Sendable {
  /// Weights, gradients and two moments: 4 bytes each per parameter.
  public let weights, gradients, moments: Int
  /// Kept for backward: each block's input and attention's output and log-sum-exp.
  public let activations: Int
  /// Inside the block that is being differentiated, the hidden states around it, and attention's tiles.
  public let workspace: Int
  /// One tile of logits, and the output layer's own gradient.
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
    workspace = block + tile + attention + float * n * c.headSize
    let logits = float * min(1 << 24, Int(Double(n) * labelledShare) * c.vocabularySize)
    loss = logits + float * c.vocabularySize * c.hiddenSize + float * Int(Double(n) * labelledShare) * c.hiddenSize
    program = 48 << 20
  }
}
