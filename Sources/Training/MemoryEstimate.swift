import Kernels
public import LlamaModel
import ScratchStorage
import TensorCore

/// Bytes that training needs, by what they hold.
public struct MemoryEstimate: Equatable, Sendable {
  /// Weights and gradients, 4 bytes each per parameter, and two moments, 8 bytes or in eight bits 2.
  public let weights, gradients, moments: Int
  /// Kept for backward in memory: each block's input and attention's output and log-sum-exp, and everything inside the
  /// blocks that keep their activations; of a stage that spills, the layer that is read ahead, if one is.
  public let activations: Int
  /// Kept for backward on disk.
  public let scratch: Int
  /// The largest of what is never alive together, beyond the activations: the block that is being differentiated with
  /// its attention's tiles, the block that is being computed, and the loss's tile of logits with the gradients of the
  /// labelled hidden states.
  public let workspace: Int
  /// The gradient of the output layer, which the loss forms in the forward pass; nothing where it is counted among the
  /// gradients.
  public let loss: Int
  /// Gradients and activations that are alive together: backward gives back a block's activations as it makes its
  /// gradients, unless earlier sequences of the step have made them before.
  private let gradientsAndActivations: Int

  /// Everything but the program.
  private var blocks: Int { weights + moments + gradientsAndActivations + workspace + loss }
  /// The program, its tables and the data at hand; and gaps between blocks of memory, which count for tiny models alone.
  public var program: Int { Self.program(besides: blocks) }

  static func program(besides blocks: Int) -> Int { 36 << 20 + min(16 << 20, blocks / 8) }

  public var peak: Int { blocks + program }
  /// One checkpoint on disk.
  public var checkpoint: Int { weights + moments }

  public init(
    _ c: LlamaConfiguration, sequenceLength n: Int, sequences: Int = 1, keepingBlocks: Int = 0, threads: Int,
    labelledShare: Double = 0.5, _ settings: MemorySettings = MemorySettings()
  ) {
    let float = 4, p = c.parameterCount, q = c.headCount * c.headSize, kv = c.keyHeadCount * c.headSize
    weights = float * p
    gradients = float * p
    moments =
      settings.hasEightBitState
      ? c.parameters.reduce(0) { $0 + EightBitMoments.byteCount(of: $1.shape.count) } : 2 * float * p
    let (d, ff, rows) = (c.hiddenSize, c.feedForwardSize, min(n, 2048))
    let kept = keepingBlocks * Self.activationsOfBlock(c, sequenceLength: n)
    let layer = Self.savedBytes(c, sequenceLength: n, settings)
    switch settings.place {
    case .memory: (activations, scratch) = (layer * c.layerCount + kept, 0)
    case .scratch(let readsAhead):
      let words = settings.storage == .bf16 ? 2 : 1
      let values = [(n * d + words - 1) / words, (n * q + words - 1) / words, n * c.headCount]
      activations = readsAhead ? layer : 0
      scratch = c.layerCount * values.reduce(0) { $0 + ScratchFile.bytes(ofValues: $1) }
    }
    let outputGradient = float * c.vocabularySize * d
    gradientsAndActivations =
      sequences > 1 || settings.spills
      ? gradients + activations : max(gradients, activations + (c.tiesEmbeddings ? 0 : outputGradient))
    let group = max(1, c.headCount / c.keyHeadCount), columns = max(208, 16 * group + 16)
    // Of the query blocks whose gradients are formed together: their operands four times, and each run's share of dq.
    let parts = AttentionExtents.gradientBlocks * (AttentionExtents.gradientParts(keys: n) + 4)
    let tiles = float * columns * (threads * (1024 + 2 * c.headSize) + c.keyHeadCount * parts * c.headSize)
    // Keys and values in bfloat16, in three forms: half a float each.
    let roundedKeys = settings.precision == .bf16 ? 3 * n * kv / 2 : 0
    // What a layer saves may wait for the disk while the next one computes.
    let waiting = settings.spills ? layer : 0
    // What is saved as it is in memory serves a replayed block without a copy.
    let isRestored = settings.spills || settings.storage == .bf16
    let (input, output) = isRestored ? (d, q) : (0, 0)
    let norm = n > DecoderBlock.longSequence ? 0 : d
    // A replayed block: its input, norm (of short sequences), q, k, v; then attention's output, the stream between its
    // halves, two gradients of the stream and a tile of the feed-forward layer (norm, gate, up, their product and the
    // gradients); or the stream's gradient and attention's, which needs the output no more.
    let attention = n * (d + 2 * q + 2 * kv) + roundedKeys
    let replay =
      n * (input + norm + q + 2 * kv + Self.headNormsPerToken(c))
      + max(n * (output + 3 * d) + rows * (6 * ff + 5 * d), attention)
    // A block that kept its activations needs the gradients alone.
    let backward = keepingBlocks > 0 ? max(n * 3 * d + rows * (3 * ff + 3 * d), attention) : 0
    // A block in its first run gives back what it has used.
    let forward = n * (d + max(norm + 2 * q + 2 * kv, 3 * d))
    let labelled = Int(Double(n) * labelledShare)
    let logits =
      min(labelled, Tensor.lossTileRows(vocabulary: c.vocabularySize, width: c.hiddenSize)) * c.vocabularySize
    let lossTile = float * (logits + (4 * n + labelled) * d)
    // Of one sequence that spills, forward and loss come before all gradients but the output layer's, which is one of them
    // then; where activations stay in memory, backward gives them back as gradients come.
    let early = settings.spills && sequences == 1 ? gradients : 0
    loss = early > 0 ? 0 : outputGradient
    let beforeBackward = max(float * forward + tiles + waiting, lossTile + waiting + outputGradient - loss) - early
    workspace =
      max(
        float * replay + tiles - kept, float * backward + tiles, beforeBackward)
      + float * n * (c.headSize + 4)
  }

  /// Of a stage as the trainer runs it: `blocksKeepingActivations` of its length keep theirs.
  public init(
    training c: LlamaConfiguration, sequenceLength n: Int, sequences: Int = 1, threads: Int, labelledShare: Double,
    _ settings: MemorySettings = MemorySettings()
  ) {
    self.init(
      c, sequenceLength: n, sequences: sequences,
      keepingBlocks: Self.blocksKeepingActivations(c, sequenceLength: n, settings), threads: threads,
      labelledShare: labelledShare, settings)
  }

  /// Bytes that one recomputed block keeps: its input, attention's output and log-sum-exp.
  public static func savedBytes(_ c: LlamaConfiguration, sequenceLength n: Int, _ settings: MemorySettings) -> Int {
    let value = settings.storage == .bf16 ? 2 : 4
    return n * (value * (c.hiddenSize + c.headCount * c.headSize) + 4 * c.headCount)
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
  public static func blocksKeepingActivations(
    _ c: LlamaConfiguration, sequenceLength n: Int, _ settings: MemorySettings = MemorySettings()
  ) -> Int {
    guard settings.mayKeepActivations else { return 0 }
    return min(c.layerCount, 8 * c.parameterCount / activationsOfBlock(c, sequenceLength: n))
  }
}
