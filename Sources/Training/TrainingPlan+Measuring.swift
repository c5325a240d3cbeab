public import Kernels
import LlamaModel

extension TrainingPlan {
  /// How keys and values are kept while texts of `context` tokens are read between two steps: the most exact way that fits
  /// beside weights and moments; nil where none does.
  public func cache(reading context: Int) -> CachePrecision? {
    CachePrecision.allCases.first { measuringPeak(reading: context, cache: $0) <= limit }
  }

  /// Bytes of the program while a text is read between two steps.
  public func measuringPeak(reading context: Int, cache: CachePrecision) -> Int {
    let held = stages[0].estimate
    let blocks = held.weights + held.moments + configuration.readingBytes(context: context, cache: cache)
    return blocks + MemoryEstimate.program(besides: blocks)
  }
}
