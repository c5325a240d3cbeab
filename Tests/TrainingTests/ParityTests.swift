import LlamaModel
import RecipeFormat
import TestSupport
import Testing
import Training

/// Whole optimizer steps against PyTorch's autograd, `clip_grad_norm_` and AdamW, run in Double.
struct ParityTests {
  @Test(arguments: ParityFixture.names)
  func `ten steps of the trainer lose what PyTorch loses`(name: String) throws {
    let fixture = try ParityFixture.load(name)
    let model = try fixture.model(), constants = fixture.optimizer
    let plan = try TrainingPlan(
      .stage(
        context: fixture.sequences[0].tokens.count, steps: fixture.losses.count, batchSize: fixture.sequences.count,
        learningRate: constants.learningRate), for: model)
    var state = TrainingState.start(
      model,
      AdamW.Settings(
        beta1: constants.beta1, beta2: constants.beta2, epsilon: constants.epsilon,
        weightDecay: constants.weightDecay, decaysVectors: true))
    let reports = try Trainer(plan, clipGradNorm: constants.clipNorm).reports(&state) { _, index in
      fixture.sequences[index % fixture.sequences.count]
    }
    #expect(reports.count == 10)
    #expect(reports.allSatisfy { $0.isApplied })
    #expect(fixture.losses[9] < fixture.losses[0])
    for (report, expected) in zip(reports, fixture.losses) {
      #expect(abs(report.loss / expected - 1) < 1e-4, "step \(report.position.step)")
    }
    let squares = fixture.gradients.values.joined().reduce(0) { $0 + $1 * $1 }
    #expect(abs(reports[0].gradientNorm / squares.squareRoot() - 1) < 1e-4)
  }
}
