import LlamaModel
import RecipeFormat
import TensorCore
import TestSupport
import Training

extension TrainingState {
  /// A state at its beginning.
  static func start(_ model: Llama, _ settings: AdamW.Settings = AdamW.Settings()) -> TrainingState {
    TrainingState(model: model, optimizer: AdamW(settings, for: model))
  }

  /// Bits of weights and both moments, in the order of `visitParameters`.
  var bits: [[UInt32]] {
    model.bits + (optimizer.firstMoments + optimizer.secondMoments).map { $0.values.bits }
      + optimizer.eightBitMoments.flatMap { moments in
        [
          moments.firstCodes.map(UInt32.init), moments.secondCodes.map(UInt32.init), moments.firstScales.bits,
          moments.secondScales.bits,
        ]
      }
  }

  /// The same values in new memory, as a checkpoint would give them back.
  var reloaded: TrainingState {
    func copy(_ x: Tensor) -> Tensor { Tensor(x.shape, x.values, isParameter: x.isParameter) }
    var tensors = model.namedParameters.map(\.tensor).makeIterator()
    return TrainingState(
      model: Llama(model.configuration) { _ in copy(tensors.next()!) },
      optimizer: AdamW(
        optimizer.settings, stepCount: optimizer.stepCount, firstMoments: optimizer.firstMoments.map(copy),
        secondMoments: optimizer.secondMoments.map(copy),
        eightBitMoments: optimizer.eightBitMoments),
      position: position)
  }
}

extension StageRecipe {
  static func stage(
    _ name: String = "stage", context: Int = 16, rope: RoPEChange = .unchanged, steps: Int, batchSize: Int = 2,
    accumulating: Int = 1, learningRate: Double = 1e-3, schedule: LearningRateSchedule = .constant(warmUp: .none)
  ) -> StageRecipe {
    StageRecipe(
      name: name, context: context, rope: rope, length: .steps(steps), batchSize: batchSize,
      gradientAccumulationSteps: accumulating, learningRate: learningRate, schedule: schedule)
  }
}

extension TrainingPlan {
  init(_ stages: StageRecipe..., for model: Llama) throws {
    try self.init(Recipe(name: "test", stages: stages), for: model.configuration)
  }
}

/// A sequence of random tokens that depends on the stage and the number alone; every third label is left out.
func randomSequence(_ stage: TrainingPlan.Stage, _ index: Int) -> TokenSequence {
  var numbers = SplitMix64(seed: UInt64(1000 * stage.index + index))
  var sequence = TokenSequence(predictingEachOf: numbers.tokens(stage.recipe.context, below: 31))
  for i in stride(from: 0, to: sequence.labels.count, by: 3) { sequence.labels[i] = -1 }
  return sequence
}

extension Trainer {
  /// Runs to the end and gives the reports of all steps.
  func reports(
    _ state: inout TrainingState, _ sequences: (TrainingPlan.Stage, Int) throws -> TokenSequence = randomSequence
  ) throws -> [StepReport] {
    var reports: [StepReport] = []
    try run(&state, sequences: sequences) { event, _ in
      if case .step(let report) = event { reports.append(report) }
      return .proceed
    }
    return reports
  }
}
