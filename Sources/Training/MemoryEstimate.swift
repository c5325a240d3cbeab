public import LlamaModel
import TensorCore

/// Bytes that training needs, by what they hold.
public struct MemoryEstimate: Equatable, Sendable {
  /// Weights, gradients and two moments: 4 bytes each per parameter.
  public let weights, gradients, moments: Int
  /// Kept for backward: each block's input and attention's output and log-sum-exp, and everything inside the blocks
  /// that keep their activations.
  public let activations: Int
  /// The largest of what is never alive together, beyond the activations: the block that is being differentiated with
  /// its attention's tiles, and the loss's tile of logits.
  public let workspace: Int
  /// Gradients that the loss forms in the forward pass: the output layer's and the labelled hidden states'.
  public let loss: Int
  /// The program, its tables and the data at hand.
  public let program: Int
  /// Gradients and activations that are alive together: backward gives back a block's activations as it makes its
  /// gradients, unless earlier sequences of the step have made them before.
  private let gradientsAndActivations: Int

  public var peak: Int { weights + moments + gradientsAndActivations + workspace + loss + program }
  /// One checkpoint on disk.
  public var checkpoint: Int { weights + moments }

  public init(
    _ c: LlamaConfiguration, sequenceLength n: Int, sequences: Int = 1, keepingBlocks: Int = 0, threads: Int,
    labelledShare: Double = 0.5
  ) {
    let float = 4, p = c.parameterCount, q = c.headCount * c.headSize, kv = c.keyHeadCount * c.headSize
    weights = float * p
    gradients = float * p
    moments = 2 * float * p
    let (d, ff, rows) = (c.hiddenSize, c.feedForwardSize, min(n, 2048))
    let kept = keepingBlocks * Self.activationsOfBlock(c, sequenceLength: n)
    activations = float * n * c.layerCount * (d + q + c.headCount) + kept
    let output = float * c.vocabularySize * d
    gradientsAndActivations =
      sequences > 1 ? gradients + activations : max(gradients, activations + (c.tiesEmbeddings ? 0 : output))
    // A replayed block: norm, q, k, v, the stream between its halves and two gradients of the stream; then a tile of
    // the feed-forward layer (norm, gate, up, their product and the gradients) or attention's gradients.
    let group = max(1, c.headCount / c.keyHeadCount), columns = max(208, 16 * group + 16)
    let scratch = float * columns * (threads * (1024 + 2 * c.headSize) + c.keyHeadCount * 20 * c.headSize)
    let block = 4 * d + q + 2 * kv + Self.headNormsPerToken(c)
    let replay = n * block + max(rows * (6 * ff + 5 * d), n * (d + 3 * q + 4 * kv))
    // A block that kept its activations needs the gradients alone.
    let backward = keepingBlocks > 0 ? 3 * n * d + max(rows * (3 * ff + 3 * d), n * (d + 3 * q + 4 * kv)) : 0
    let labelled = Int(Double(n) * labelledShare)
    let logits =
      min(labelled, Tensor.lossTileRows(vocabulary: c.vocabularySize, width: c.hiddenSize)) * c.vocabularySize
    workspace =
      max(float * replay + scratch - kept, float * backward + scratch, float * logits) + float * n * c.headSize
    loss = output + float * labelled * c.hiddenSize
    program = 42 << 20
  }

  /// Of a stage as the trainer runs it: `blocksKeepingActivations` of its length keep theirs.
  public init(
    training c: LlamaConfiguration, sequenceLength n: Int, sequences: Int = 1, threads: Int, labelledShare: Double
  ) {
    self.init(
      c, sequenceLength: n, sequences: sequences,
      keepingBlocks: Self.blocksKeepingActivations(c, sequenceLength: n), threads: threads,
      labelledShare: labelledShare)
  }

  /// What a block that keeps its activations holds beyond one that computes them again: the norms' results, queries,
  /// keys, values, the residual stream between attention and feed-forward, and the three inner results of the latter.
  static func activationsOfBlock(_ c: LlamaConfiguration, sequenceLength n: Int) -> Int {
    4 * n
      * (3 * c.hiddenSize + c.headSize * (c.headCount + 2 * c.keyHeadCount) + 3 * c.feedForwardSize + 2
        + headNormsPerToken(c))
  }

  /// Where heads are normalized: queries and keys as they were before, and a reciprocal of each head.
  private static func headNormsPerToken(_ c: LlamaConfiguration) -> Int {
    c.hasQueryKeyNorm ? (c.headSize + 1) * (c.headCount + c.keyHeadCount) : 0
  }

  /// How many blocks keep their activations: as many as half of what weights, gradients and moments take has room
  /// for. Short sequences are trained without computing anything twice, long ones within their memory.
  public static func blocksKeepingActivations(_ c: LlamaConfiguration, sequenceLength n: Int) -> Int {
    min(c.layerCount, 8 * c.parameterCount / activationsOfBlock(c, sequenceLength: n))
  }
}
