import Foundation
import Kernels

/// How a stage chooses theta.
public enum ThetaRule: Equatable, Hashable, Sendable {
  /// The number itself.
  case number(Double)
  /// θ₀^(ln(T/2π) / ln(T₀/2π)), to the nearest integer: the smallest base that lets every dimension the original model
  /// has seen turn fully be used at T tokens ("Scaling Laws of RoPE-based Extrapolation", arXiv 2310.05209, theorem 3).
  /// From 500,000 and 8,192 it gives the published thetas of Gradient's released models.
  case critical
  /// θ₀ · s^(d/(d−2)) with s = T/T₀: "NTK-aware" interpolation.
  case ntk

  /// Theta for `context` tokens, from the original model's values alone; the original theta where `context` is not
  /// longer than the original context.
  public func theta(context: Int, originalContext: Int, originalTheta: Double, headSize: Int) -> Double {
    if case .number(let theta) = self { return theta }
    guard context > originalContext else { return originalTheta }
    let (new, old) = (Double(context), Double(originalContext))
    if self == .critical {
      return pow(originalTheta, log(new / (2 * .pi)) / log(old / (2 * .pi))).rounded()
    }
    require(headSize > 2, "[RoPE] theta: ntk needs a head size above 2, found \(headSize)")
    return originalTheta * pow(new / old, Double(headSize) / Double(headSize - 2))
  }
}
