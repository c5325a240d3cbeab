import Kernels
import LlamaModel
import RecipeFormat
import TensorCore
import TestSupport
import Testing

@testable import Training

/// AdamW whose moments stand in eight bits.
struct EightBitTests {
  static let settings = AdamW.Settings(weightDecay: 0, hasEightBitState: true)

  static func losses(
    _ settings: AdamW.Settings, steps: Int
  ) throws -> (losses: [Double], state: TrainingState, bits: [[UInt32]]) {
    let model = Llama.random(.tiny())
    var state = TrainingState.start(model, settings)
    let plan = try TrainingPlan(.stage(context: 32, steps: steps, learningRate: 3e-3), for: model)
    let reports = try Trainer(plan, clipGradNorm: 1).reports(&state) { stage, index in randomSequence(stage, index % 4)
    }
    return (reports.map(\.loss), state, state.bits)
  }

  @Test func `losses follow those of single precision`() throws {
    let exact = try Self.losses(AdamW.Settings(weightDecay: 0), steps: 60).losses
    let found = try Self.losses(Self.settings, steps: 60).losses
    #expect(exact[59] < 0.8 * exact[0], "nothing is learned: \(exact)")
    for (a, b) in zip(found, exact) { #expect(abs(a / b - 1) < 0.03, "\(a) \(b)") }
    #expect(found != exact)
  }

  @Test func `any number of threads gives the same bits, and an interrupted run too`() throws {
    let runs = try withThreadCounts { try Self.losses(Self.settings, steps: 4).bits }
    #expect(runs[1] == runs[0] && runs[2] == runs[0])
    let model = Llama.random(.tiny())
    var state = TrainingState.start(model, Self.settings)
    let plan = try TrainingPlan(.stage(context: 32, steps: 4, learningRate: 3e-3), for: model)
    func sequence(_ stage: TrainingPlan.Stage, _ index: Int) -> TokenSequence { randomSequence(stage, index % 4) }
    try Trainer(plan, clipGradNorm: 1).run(&state, sequences: sequence) { event, _ in
      if case .step(let report) = event, report.position.step == 2 { return .stop }
      return .proceed
    }
    var resumed = state.reloaded
    _ = try Trainer(plan, clipGradNorm: 1).reports(&resumed, sequence)
    #expect(resumed.bits == runs[0])
  }

  @Test func `the estimate counts a quarter of the moments' bytes`() {
    let configuration = MemoryTests.long
    func moments(_ hasEightBits: Bool) -> Int {
      MemoryEstimate(
        configuration, sequenceLength: 64, threads: 1, MemorySettings(hasEightBitState: hasEightBits)
      ).moments
    }
    let state = AdamW(Self.settings, for: Llama.random(configuration))
    let bytes = state.eightBitMoments.reduce(0) {
      $0 + 2 * $1.firstCodes.count + 4 * ($1.firstScales.count + $1.secondScales.count)
    }
    #expect(moments(true) == bytes)
    #expect(Double(moments(true)) < 0.26 * Double(moments(false)))
  }
}
