import Foundation

extension RoPEScaling {
  /// The scaling behind the divisors that a GGUF file carries as `rope_freqs.weight`.
  ///
  /// Recognised are no scaling, linear, and Llama 3.1's bands with the published parameters (factor 8 or 32, low 1,
  /// high 4, 8,192 tokens); anything else keeps its divisors. Known by name, a scaling can be combined with a new theta.
  ///
  /// - Parameter divisors: [headSize / 2], as read from the file.
  public static func recognized(
    divisors: [Double], theta: Double, attentionFactor: Double = 1
  ) -> RoPEScaling {
    let unnamed = RoPEScaling.perDimension(PerDimension(divisors: divisors, attentionFactor: attentionFactor))
    guard attentionFactor == 1, let first = divisors.first, theta.isFinite, theta > 1 else { return unnamed }
    // Files keep Floats, computed by their writers in Float: compare to a few units in the last place.
    func agrees(_ expected: [Double]) -> Bool { zip(divisors, expected).allSatisfy { abs($0 / $1 - 1) < 2e-5 } }
    let pairs = divisors.count
    if agrees([Double](repeating: 1, count: pairs)) { return .none }
    for factor in [8.0, 32.0] {
      let named = RoPEScaling.llama3(Llama3(factor: factor, originalContext: 8192))
      let model = RoPEDescription(originalContext: 8192, originalTheta: theta, scaling: named)
      if agrees(model.divisors(headSize: 2 * pairs)) { return named }
    }
    if first.isFinite, first > 0, agrees([Double](repeating: first, count: pairs)) { return .linear(factor: first) }
    return unnamed
  }
}
