import Foundation

/// The lengths of texts and the places in them at which something is hidden.
public struct DepthGrid: Sendable {
  public enum Spacing: String, Sendable, CaseIterable {
    /// Evenly from 0 to 100.
    case linear
    /// Close together at both ends: Kamradt's logistic curve.
    case sigmoid
  }
  public var lengths: [Int]
  /// 0 at the beginning, 100 at the end.
  public var depths: [Double]
  /// Tests at each length and depth.
  public var samples: Int
  public var seed: Int

  public init(lengths: [Int], depths: [Double], samples: Int, seed: Int) {
    (self.lengths, self.depths, self.samples, self.seed) = (lengths, depths, samples, seed)
  }

  /// So many depths in 0...100, ends included; one alone is 50.
  public static func depths(_ count: Int, _ spacing: Spacing) -> [Double] {
    precondition(count >= 1, "DepthGrid: expected at least one depth, got \(count)")
    if count == 1 { return [50] }
    return (0..<count).map { index in
      let x = 100 * Double(index) / Double(count - 1)
      switch spacing {
      case .linear: return (x * 1000).rounded() / 1000
      case .sigmoid:
        let isEnd = index == 0 || index == count - 1
        return isEnd ? x : (100_000 / (1 + exp(-0.1 * (x - 50)))).rounded() / 1000
      }
    }
  }

  /// Every sample at every depth of one length.
  func coordinates(suite: String, task: String, length: Int) -> [TestCoordinates] {
    (0..<samples).flatMap { sample in
      depths.map { TestCoordinates(suite: suite, task: task, length: length, depth: $0, sample: sample) }
    }
  }
}

extension TestCell {
  /// Items that do not depend on each other; nil where an item does not fit.
  init(
    independent coordinates: [TestCoordinates],
    make: @escaping @Sendable (TestCoordinates, TokenCounter) throws -> TestItem?
  ) {
    self.init(coordinates) { counter, wanted, visit in
      for place in coordinates where wanted(place) {
        if let item = try make(place, counter) { try visit(item) }
      }
    }
  }
}
