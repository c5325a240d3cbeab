import Foundation

/// cos and sin of every angle of some positions, times the magnitude.
public struct RoPETable: Equatable, Sendable {
  /// Shapes: [positions, headSize / 2], row-major.
  public var cos: [Float]
  /// Shapes: [positions, headSize / 2], row-major.
  public var sin: [Float]
}

extension RoPEDescription {
  /// cos and sin at the given positions.
  ///
  /// Angles are formed in Double: at position 2²⁰ a Float angle would be off by 0.06 rad, a Double one by 1e-10.
  ///
  /// Shapes: [positions, headSize / 2] each.
  ///
  /// - Parameter sequenceLength: as in `inverseFrequencies(headSize:sequenceLength:)`.
  public func table(
    positions: some Collection<Int>, headSize: Int, sequenceLength: Int? = nil
  ) -> RoPETable {
    let frequencies = inverseFrequencies(headSize: headSize, sequenceLength: sequenceLength)
    let magnitude = magnitude
    var table = RoPETable(cos: [], sin: [])
    table.cos.reserveCapacity(positions.count * frequencies.count)
    table.sin.reserveCapacity(positions.count * frequencies.count)
    for position in positions {
      for frequency in frequencies {
        let angle = Double(position) * frequency
        table.cos.append(Float(Foundation.cos(angle) * magnitude))
        table.sin.append(Float(Foundation.sin(angle) * magnitude))
      }
    }
    return table
  }
}
