import Benchmark
import Kernels
import LlamaModel
import Logging
import Metrics
import RecipeFormat
import ScratchStorage
import Training

extension StepCosts {
  /// Seconds of one optimizer step of a stage.
  func stepSeconds(
    _ stage: TrainingPlan.Stage, _ configuration: LlamaConfiguration, labelledShare: Double, disk: DiskRate? = nil
  ) -> Double {
    seconds(
      configuration, length: stage.recipe.context, labelled: Int(Double(stage.recipe.context) * labelledShare),
      sequences: stage.recipe.sequencesPerStep, stage.memory, disk: disk)
  }

  /// The costs measured here before, or measured now and kept.
  ///
  /// - Parameters:
  ///   - isForced: measures although there is a measurement.
  ///   - isQuiet: says nothing of it.
  static func known(
    _ configuration: LlamaConfiguration, _ precision: Precision, _ cache: CacheOptions, isForced: Bool = false,
    isQuiet: Bool = false
  ) -> StepCosts {
    let key = Calibration.Key(
      version: Machine.program, processor: Machine.processorName, precision: precision, configuration)
    if !isForced, let costs = Calibration(path: cache.calibrationPath)[key] { return costs }
    if !isQuiet {
      Console.print("measuring what a training step costs here (\(precision.rawValue), once for this shape) …")
    }
    let start = ContinuousClock.now, costs = StepCosts.measured(configuration, precision)
    if !isQuiet { Console.print("measured in \(ProgressFormat.duration((ContinuousClock.now - start) / .seconds(1)))") }
    var calibration = Calibration(path: cache.calibrationPath)
    calibration.insert(costs, for: key)
    do { try calibration.write(to: cache.calibrationPath) } catch {
      log.warning("\(cache.calibrationPath): cannot be written, so the next plan measures again: \(error)")
    }
    return costs
  }

  /// The costs measured here before; nil when there are none.
  static func cached(
    _ configuration: LlamaConfiguration, _ precision: Precision, _ cache: CacheOptions
  ) -> StepCosts? {
    Calibration(path: cache.calibrationPath)[
      .init(version: Machine.program, processor: Machine.processorName, precision: precision, configuration)]
  }
}
