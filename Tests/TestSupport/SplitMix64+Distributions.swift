import Foundation
@_exported import RandomNumbers

extension SplitMix64 {
  /// A number of the standard normal distribution (Box & Muller 1958).
  public mutating func normal() -> Double {
    let radius = (-2 * log(Double.random(in: 0x1p-53...1, using: &self))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
  }

  /// Standard normal numbers that a Float holds exactly.
  public mutating func normals(_ count: Int, scale: Double = 1) -> [Float] {
    (0..<count).map { _ in Float(normal() * scale) }
  }

  /// Token ids below `vocabulary`.
  public mutating func tokens(_ count: Int, below vocabulary: Int) -> [Int32] {
    (0..<count).map { _ in Int32.random(in: 0..<Int32(vocabulary), using: &self) }
  }
}
