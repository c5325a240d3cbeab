import LlamaModel
import RecipeFormat
import TensorCore
import TestSupport
import Testing
import Training

/// What a run holds in memory. Each test that measures has a process of its own: the meters are the process's.
struct MemoryTests {
  /// A model whose weights are nearly all there is: 16 MiB of them, sequences of eight tokens.
  static let heavy = LlamaConfiguration(
    vocabularySize: 64, hiddenSize: 256, feedForwardSize: 512, layerCount: 6, headCount: 4, keyHeadCount: 4,
    headSize: 64, normEpsilon: 1e-5, tiesEmbeddings: false,
    rope: RoPEDescription(originalContext: 32, originalTheta: 10_000))

  /// Long sequences through many thin layers.
  static let long = LlamaConfiguration(
    vocabularySize: 64, hiddenSize: 64, feedForwardSize: 128, layerCount: 8, headCount: 4, keyHeadCount: 2,
    headSize: 16, normEpsilon: 1e-5, tiesEmbeddings: true,
    rope: RoPEDescription(originalContext: 32, originalTheta: 10_000))

  @Test func `a run returns all it took, and no step holds a second copy of weights, gradients or moments`() async {
    await #expect(processExitsWith: .success) {
      let model = Llama.random(Self.heavy, scale: 0.05)
      let bytes = 4 * Self.heavy.parameterCount
      #expect(TensorMemory.liveBytes == bytes)
      var state = TrainingState.start(consume model)
      #expect(TensorMemory.liveBytes == 3 * bytes)
      let plan = try TrainingPlan(.stage(context: 8, steps: 4), for: state.model)
      var live: [Int] = []
      try Trainer(plan, clipGradNorm: 1).run(
        &state, sequences: { _, index in TokenSequence(predictingEachOf: (0..<8).map { Int32($0 + index) }) }
      ) { _, _ in
        live.append(TensorMemory.liveBytes)
        return .proceed
      }
      #expect(live == [Int](repeating: 3 * bytes, count: 6))
      #expect(TensorMemory.liveBytes == 3 * bytes)
      let peak = TensorMemory.peakBytes
      #expect(peak >= 4 * bytes)
      #expect(Double(peak) < 4.25 * Double(bytes), "\(Double(peak) / Double(bytes)) times the weights")
    }
  }

  @Test func `an observer that keeps a copy of the state pays for it, and the copy stays as it was`() async {
    await #expect(processExitsWith: .success) {
      var state = TrainingState.start(Llama.random(Self.heavy, scale: 0.05)), kept: TrainingState?
      let before = state.bits
      let plan = try TrainingPlan(.stage(context: 8, steps: 2), for: state.model)
      try Trainer(plan, clipGradNorm: 1).run(&state, sequences: randomSequence) { event, state in
        if case .stageBegan = event { kept = copy state }
        return .proceed
      }
      #expect(kept?.bits == before)
      #expect(state.bits != before)
    }
  }

  @Test func `the estimate is within a quarter of what a step takes, with norms of heads and biases too`() async {
    await #expect(processExitsWith: .success) { try Self.expectEstimate { _ in } }
    await #expect(processExitsWith: .success) {
      try Self.expectEstimate { configuration in
        (configuration.hasQueryKeyNorm, configuration.hasQueryKeyValueBias) = (true, true)
        configuration.slidingWindow = 512
      }
    }
  }

  /// Trains two steps and compares the estimate with the most that was held.
  private static func expectEstimate(_ change: (inout LlamaConfiguration) -> Void) throws {
    var configuration = LlamaConfiguration(
      vocabularySize: 2048, hiddenSize: 256, feedForwardSize: 768, layerCount: 4, headCount: 8, keyHeadCount: 4,
      headSize: 32, normEpsilon: 1e-5, tiesEmbeddings: true,
      rope: RoPEDescription(originalContext: 2048, originalTheta: 10_000))
    change(&configuration)
    var state = TrainingState.start(Llama.random(configuration, scale: 0.05))
    let plan = try TrainingPlan(.stage(context: 2048, steps: 2, batchSize: 1), for: state.model)
    try Trainer(plan, clipGradNorm: 1).run(
      &state,
      sequences: { _, index in
        var numbers = SplitMix64(seed: UInt64(index))
        var sequence = TokenSequence(predictingEachOf: numbers.tokens(2048, below: 2048))
        for i in stride(from: 0, to: 2048, by: 2) { sequence.labels[i] = -1 }
        return sequence
      }
    ) { _, _ in .proceed }
    let estimate = MemoryEstimate(
      configuration, sequenceLength: 2048, keepingBlocks: plan.stages[0].blocksKeepingActivations, threads: 2)
    let ratio = Double(estimate.peak - estimate.program) / Double(TensorMemory.peakBytes)
    #expect(ratio > 0.75 && ratio < 1.25, "estimate \(estimate), peak \(TensorMemory.peakBytes), ratio \(ratio)")
  }

  @Test func `the estimate grows with length, threads, labels and every extent of the model`() {
    func peak(
      _ n: Int = 4096, threads: Int = 2, share: Double = 0.5, _ change: (inout LlamaConfiguration) -> Void = { _ in }
    ) -> Int {
      var configuration = Self.heavy
      change(&configuration)
      return MemoryEstimate(configuration, sequenceLength: n, threads: threads, labelledShare: share).peak
    }
    let lengths = (8...20).map { peak(1 << $0) }
    #expect(zip(lengths, lengths.dropFirst()).allSatisfy { $0 < $1 })
    #expect(peak(threads: 3) > peak())
    #expect(peak(share: 1) >= peak())
    // Where the loss takes more than any block.
    func wordy(_ configuration: inout LlamaConfiguration) { configuration.vocabularySize = 50_000 }
    #expect(peak(64, share: 1, wordy) > peak(64, share: 0.5, wordy))
    #expect(peak { $0.hiddenSize *= 2 } > peak())
    #expect(peak { $0.feedForwardSize *= 2 } > peak())
    #expect(peak { $0.layerCount += 1 } > peak())
    #expect(peak { $0.vocabularySize *= 2 } > peak())
    #expect(peak { $0.headSize *= 2 } > peak())
    #expect(peak { $0.hasQueryKeyNorm = true } > peak())
    #expect(peak { $0.hasQueryKeyValueBias = true } > peak())
    #expect(peak { $0.tiesEmbeddings = true } < peak())
  }

  @Test func `a checkpoint holds weights and two moments`() {
    let estimate = MemoryEstimate(Self.heavy, sequenceLength: 64, threads: 1)
    #expect(estimate.checkpoint == 12 * Self.heavy.parameterCount)
  }
}
