import Foundation
import Kernels

extension RoPEDescription {
  /// The angle per position of each pair, in Double: θ^(−2i/d) after scaling.
  ///
  /// Shapes: [headSize / 2].
  ///
  /// - Parameter sequenceLength: chooses between LongRoPE's short and long factors; every other scaling ignores it.
  ///   The default is the trained context.
  public func inverseFrequencies(headSize: Int, sequenceLength: Int? = nil) -> [Double] {
    require(
      headSize > 0 && headSize.isMultiple(of: 2), "[RoPE] the head size must be even and positive, found \(headSize)")
    let plain = (0..<headSize / 2).map { pow(theta, -Double(2 * $0) / Double(headSize)) }
    switch scaling {
    case .none:
      return plain
    case .linear(let factor):
      return plain.map { $0 / factor }
    case .yarn(let yarn):
      let ramp = yarn.interpolationShare(
        headSize: headSize, theta: theta, originalContext: yarn.originalContext ?? originalContext)
      return zip(plain, ramp).map { frequency, share in frequency / yarn.factor * share + frequency * (1 - share) }
    case .llama3(let llama3):
      let original = Double(llama3.originalContext ?? originalContext)
      return plain.map { llama3.scaled($0, originalContext: original) }
    case .longRoPE(let longRoPE):
      let isLong = (sequenceLength ?? trainedContext) > (longRoPE.originalContext ?? originalContext)
      return divided(plain, by: isLong ? longRoPE.longFactors : longRoPE.shortFactors)
    case .perDimension(let perDimension):
      return divided(plain, by: perDimension.divisors)
    }
  }

  /// Whether angles differ between shorter and longer sequences.
  public var dependsOnLength: Bool {
    if case .longRoPE = scaling { return true }
    return false
  }

  /// What cos and sin are multiplied by: 1, except for YaRN, LongRoPE and files that say otherwise.
  public var magnitude: Double {
    switch scaling {
    case .none, .linear, .llama3: return 1
    case .yarn(let yarn): return yarn.attentionFactor ?? (yarn.factor > 1 ? 0.1 * log(yarn.factor) + 1 : 1)
    case .longRoPE(let longRoPE):
      let original = Double(longRoPE.originalContext ?? originalContext)
      let factor = Double(trainedContext) / original
      return longRoPE.attentionFactor ?? (factor > 1 ? sqrt(1 + log(factor) / log(original)) : 1)
    case .perDimension(let perDimension): return perDimension.attentionFactor
    }
  }

  /// What each frequency of `theta` is divided by: GGUF's `rope_freqs.weight`, which can say any scaling.
  ///
  /// Shapes: [headSize / 2].
  public func divisors(headSize: Int, sequenceLength: Int? = nil) -> [Double] {
    var plain = self
    plain.scaling = .none
    return zip(
      plain.inverseFrequencies(headSize: headSize),
      inverseFrequencies(headSize: headSize, sequenceLength: sequenceLength)
    ).map { $0 / $1 }
  }

  private func divided(_ frequencies: [Double], by divisors: [Double]) -> [Double] {
    require(
      divisors.count == frequencies.count,
      "[RoPE] \(scaling.name) needs one divisor per pair: \(frequencies.count), found \(divisors.count)")
    return zip(frequencies, divisors).map { $0 / $1 }
  }
}

extension YaRN {
  /// How far each pair is interpolated: 0 keeps its frequency, 1 divides it by the factor.
  ///
  /// The ramp is linear in the index of the pair between the pairs that turn `betaFast` and `betaSlow` times within
  /// the original context; pair i turns n times where i = d ln(L / 2πn) / (2 ln θ). This is YaRN's code; the paper's
  /// ramp is linear in the turns.
  func interpolationShare(headSize: Int, theta: Double, originalContext: Int) -> [Double] {
    func pair(turning turns: Double) -> Double {
      Double(headSize) * log(Double(originalContext) / (turns * 2 * Double.pi)) / (2 * log(theta))
    }
    var low = pair(turning: betaFast)
    var high = pair(turning: betaSlow)
    if truncates { (low, high) = (low.rounded(.down), high.rounded(.up)) }
    (low, high) = (max(low, 0), min(high, Double(headSize - 1)))
    if low == high { high += 0.001 }
    return (0..<headSize / 2).map { min(max((Double($0) - low) / (high - low), 0), 1) }
  }
}

extension Llama3 {
  /// One frequency after the three bands: kept, blended, or divided by `factor`.
  func scaled(_ frequency: Double, originalContext: Double) -> Double {
    let wavelength = 2 * Double.pi / frequency
    if wavelength < originalContext / highFrequencyFactor { return frequency }
    if wavelength > originalContext / lowFrequencyFactor { return frequency / factor }
    let smooth = (originalContext / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
    return (1 - smooth) * frequency / factor + smooth * frequency
  }
}
