import LlamaModel
import RecipeFormat
import TensorCore
import TestSupport
import Testing
import Training

/// What one optimizer step does to weights.
struct StepTests {
  /// The weights after one step, by name, and the report.
  static func after(
    _ model: Llama, _ settings: AdamW.Settings, _ stage: StageRecipe, clip: Double? = nil,
    _ sequences: (TrainingPlan.Stage, Int) throws -> TokenSequence = randomSequence
  ) throws -> (weights: [(name: String, tensor: Tensor)], report: StepReport) {
    var state = TrainingState.start(model, settings)
    let reports = try Trainer(TrainingPlan(stage, for: model), clipGradNorm: clip).reports(&state, sequences)
    return (state.model.namedParameters, try #require(reports.last))
  }

  @Test(arguments: [false, true])
  func `weight decay takes its share of matrices, and of vectors only when told`(vectors: Bool) throws {
    let model = Llama.random(.tiny(biased: true)), rate = 1e-2, decay = 0.5
    func run(_ decay: Double) throws -> [(name: String, tensor: Tensor)] {
      let settings = AdamW.Settings(weightDecay: decay, decaysVectors: vectors)
      return try Self.after(model, settings, .stage(steps: 1, learningRate: rate)).weights
    }
    let plain = try run(0), decayed = try run(decay)
    for ((name, before), (plain, decayed)) in zip(model.namedParameters, zip(plain, decayed)) {
      let decays = before.shape.extents.count > 1 || vectors
      let expected = zip(before.values, plain.tensor.values).map { before, plain in
        Double(plain) - (decays ? rate * decay * Double(before) : 0)
      }
      if decays {
        #expect(Tolerance.mismatch(decayed.tensor.values.map(Double.init), expected, within: 1e-6) == nil, "\(name)")
        #expect(decayed.tensor.values != plain.tensor.values, "\(name)")
      } else {
        #expect(decayed.tensor.values.bits == plain.tensor.values.bits, "\(name)")
      }
    }
  }

  @Test(arguments: [(4, 1), (2, 2), (1, 4)])
  func `any split of the same sequences into batches gives the same weights`(batch: Int, accumulating: Int) throws {
    let model = Llama.random(.tiny())
    let whole = try Self.after(model, AdamW.Settings(), .stage(steps: 1, batchSize: 4), clip: 1)
    let split = try Self.after(
      model, AdamW.Settings(), .stage(steps: 1, batchSize: batch, accumulating: accumulating), clip: 1)
    #expect(split.report.loss == whole.report.loss)
    for (a, b) in zip(split.weights, whole.weights) { #expect(a.tensor.values.bits == b.tensor.values.bits) }
  }

  @Test func `documents packed into one isolated sequence give the update of documents apart`() throws {
    let model = Llama.random(.tiny())
    // A large epsilon, so that the update is a smooth function of the gradient.
    let settings = AdamW.Settings(epsilon: 1e-2)
    var numbers = SplitMix64(seed: 7)
    let documents = [5, 9, 2, 8].map { TokenSequence(predictingEachOf: numbers.tokens($0, below: 31)) }
    let apart = try Self.after(model, settings, .stage(context: 24, steps: 1, batchSize: 4)) { _, i in documents[i] }
    let packed = TokenSequence(
      tokens: documents.flatMap(\.tokens), labels: documents.flatMap(\.labels), documentStarts: [0, 5, 14, 16])
    let together = try Self.after(model, settings, .stage(context: 24, steps: 1, batchSize: 1)) { _, _ in packed }
    #expect(apart.report.labelledTokens == 20)
    #expect(together.report.labelledTokens == 20)
    #expect(abs(apart.report.loss / together.report.loss - 1) < 1e-6)
    for ((name, before), (apart, together)) in zip(model.namedParameters, zip(apart.weights, together.weights)) {
      func moved(_ after: Tensor) -> [Double] { zip(after.values, before.values).map { Double($0) - Double($1) } }
      #expect(Tolerance.norm(moved(apart.tensor)) > 0, "\(name)")
      #expect(
        Tolerance.mismatch(
          apart.tensor.values.map(Double.init), together.tensor.values.map(Double.init), within: 1e-6) == nil,
        "\(name)")
    }
  }

  @Test func `the loss is the mean over all labels of a step, not the mean of the sequences' means`() throws {
    let model = Llama.random(.tiny()), frozen = model.frozen()
    var numbers = SplitMix64(seed: 3)
    let sequences = [3, 15].map { TokenSequence(predictingEachOf: numbers.tokens($0, below: 31)) }
    let report = try Self.after(model, AdamW.Settings(), .stage(steps: 1)) { _, i in sequences[i] }.report
    let sums = sequences.map { Double(frozen.loss(of: $0).scalar) }
    #expect(abs(report.loss - (sums[0] + sums[1]) / 16) < 1e-6)
    #expect(abs(report.loss - (sums[0] / 2 + sums[1] / 14) / 2) > 1e-3)
    #expect(report.tokens == 18)
    #expect(report.labelledTokens == 16)
  }

  @Test func `longer gradients are shortened to the limit before the moments see them`() throws {
    let model = Llama.random(.tiny()), stage = StageRecipe.stage(steps: 1), settings = AdamW.Settings(beta1: 0)
    func firstMoments(clip: Double?) throws -> (norm: Double, reported: Double) {
      var state = TrainingState.start(model, settings)
      let reports = try Trainer(TrainingPlan(stage, for: model), clipGradNorm: clip).reports(&state)
      let all = state.optimizer.firstMoments.flatMap { $0.values.map(Double.init) }
      return (Tolerance.norm(all), reports[0].gradientNorm)
    }
    let free = try firstMoments(clip: nil), loose = try firstMoments(clip: 2 * free.norm)
    let clipped = try firstMoments(clip: free.norm / 10)
    #expect(abs(free.norm / free.reported - 1) < 1e-5)
    #expect(loose.norm == free.norm)
    #expect(abs(clipped.norm / (free.norm / 10) - 1) < 1e-4)
    #expect(clipped.reported == free.reported)
  }

  @Test func `the schedule's rate is reported and used`() throws {
    let model = Llama.random(.tiny())
    let stage = StageRecipe.stage(
      steps: 6, learningRate: 0.06, schedule: .linear(warmUp: .steps(2), minimumRatio: 0.5))
    var state = TrainingState.start(model)
    let reports = try Trainer(TrainingPlan(stage, for: model), clipGradNorm: 1).reports(&state)
    for (report, expected) in zip(reports, [0.02, 0.04, 0.06, 0.0525, 0.045, 0.0375]) {
      #expect(abs(report.learningRate - expected) < 1e-12)
    }
    let warmUp = StageRecipe.stage(steps: 1, learningRate: 0.04, schedule: .constant(warmUp: .steps(1)))
    let scheduled = try Self.after(model, AdamW.Settings(), warmUp)
    let direct = try Self.after(model, AdamW.Settings(), .stage(steps: 1, learningRate: 0.02))
    for (a, b) in zip(scheduled.weights, direct.weights) { #expect(a.tensor.values.bits == b.tensor.values.bits) }
  }

  @Test func `a step without a label is refused, and one unlabelled sequence among others is not`() throws {
    let model = Llama.random(.tiny())
    let silent = TokenSequence(tokens: [1, 2, 3], labels: [-1, -1, -1])
    let trainer = try Trainer(TrainingPlan(.stage("quiet", steps: 2), for: model), clipGradNorm: 1)
    var state = TrainingState.start(model)
    #expect(throws: TrainingError.noLabels(stage: "quiet", step: 2)) {
      _ = try trainer.reports(&state) { stage, index in index == 0 ? randomSequence(stage, index) : silent }
    }
  }
}
