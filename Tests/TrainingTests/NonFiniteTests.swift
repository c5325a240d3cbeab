import LlamaModel
import TensorCore
import TestSupport
import Testing
import Training

/// Steps whose loss or gradient is NaN or infinite.
struct NonFiniteTests {
  /// A model of which only sequences with token 5 fail.
  static func poisoned(with value: Float) -> Llama {
    var model = Llama.random(.tiny())
    var embedding = model.embedding.values
    for column in 0..<16 { embedding[5 * 16 + column] = value }
    model.embedding = Tensor(model.embedding.shape, embedding, isParameter: true)
    return model
  }
  static let good = TokenSequence(predictingEachOf: [1, 2, 3, 4])
  static let bad = TokenSequence(predictingEachOf: [1, 5, 3, 4])

  @Test(arguments: [Float.nan, .infinity, -.infinity, 1e30])
  func `three in a row end the run and change no bit of weights and moments`(value: Float) throws {
    var state = TrainingState.start(Self.poisoned(with: value))
    state.optimizer.stepCount = 4
    if value == 1e30 {
      state.model.norm = Tensor(state.model.norm.shape, .init(repeating: .infinity, count: 16), isParameter: true)
    }
    let before = state.bits
    var reports: [StepReport] = []
    let trainer = try Trainer(TrainingPlan(.stage("bad", steps: 9, batchSize: 1), for: state.model), clipGradNorm: 1)
    #expect(throws: TrainingError.notFinite(stage: "bad", step: 3, streak: 3)) {
      try trainer.run(&state, sequences: { _, _ in Self.bad }) { event, after in
        if case .step(let report) = event { reports.append(report) }
        #expect(after.bits == before)
        return .proceed
      }
    }
    #expect(reports.map(\.isApplied) == [false, false, false])
    #expect(reports.allSatisfy { !$0.loss.isFinite || !$0.gradientNorm.isFinite })
    #expect(state.bits == before)
    #expect(state.optimizer.stepCount == 4)
    #expect(state.position.step == 3)
    #expect(state.position.nonFiniteStreak == 3)
  }

  @Test func `a finite step between them starts the count anew`() throws {
    var state = TrainingState.start(Self.poisoned(with: .nan))
    let pattern = [Self.bad, Self.bad, Self.good, Self.bad, Self.bad, Self.good]
    let trainer = try Trainer(TrainingPlan(.stage(steps: 6, batchSize: 1), for: state.model), clipGradNorm: 1)
    let reports = try trainer.reports(&state) { _, index in pattern[index] }
    #expect(reports.map(\.isApplied) == [false, false, true, false, false, true])
    #expect(reports.map(\.position.nonFiniteStreak) == [1, 2, 0, 1, 2, 0])
    #expect(state.optimizer.stepCount == 2)
  }

  @Test func `an exploding learning rate ends the run with the weights of the last applied step`() throws {
    var state = TrainingState.start(Llama.random(.tiny()), AdamW.Settings(weightDecay: 0))
    let trainer = try Trainer(TrainingPlan(.stage(steps: 50, learningRate: 1e37), for: state.model), clipGradNorm: 1)
    var reports: [StepReport] = [], afterLastApplied: [[UInt32]] = []
    #expect(throws: TrainingError.self) {
      try trainer.run(&state, sequences: randomSequence) { event, state in
        guard case .step(let report) = event else { return .proceed }
        reports.append(report)
        if report.isApplied { afterLastApplied = state.bits }
        return .proceed
      }
    }
    #expect(reports[0].isApplied)
    #expect(reports.suffix(3).map(\.isApplied) == [false, false, false])
    #expect(state.bits == afterLastApplied)
  }

  @Test func `the message says where, how often, and what to do`() {
    let text = TrainingError.notFinite(stage: "64K", step: 7, streak: 3).description
    for part in ["64K", "7", "3 times", "Lower"] { #expect(text.contains(part)) }
  }
}
