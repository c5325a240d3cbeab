/// The passkey test at some lengths and depths.
public struct PasskeySuite: Sendable {
  public static let name = "passkey"
  public var lengths: [Int]
  /// 0 at the beginning, 100 at the end.
  public var depths: [Double]
  /// Tests at each length and depth.
  public var samples: Int
  public var seed: Int

  public init(lengths: [Int], depths: [Double], samples: Int, seed: Int) {
    (self.lengths, self.depths, self.samples, self.seed) = (lengths, depths, samples, seed)
  }

  /// One cell for each length.
  public var cells: [TestCell] {
    lengths.map { length in
      TestCell(
        independent: DepthGrid(suite: Self.name, task: "passkey", depths: depths, samples: samples).coordinates(length)
      ) { [seed, depths] place, counter in
        let depth = place.depth ?? 0, index = depths.firstIndex(of: depth) ?? 0
        let number = Passkey.number(seed: seed, sample: place.sample, depth: index, of: depths.count)
        let test = try Passkey.fitting(length - Passkey.answerTokens, depth: depth / 100, number: number) {
          try counter.prompt($0.prompt)
        }
        return test.map {
          TestItem(
            place, $0.prompt, expected: [String($0.key)], scoring: .firstInteger, answerTokens: Passkey.answerTokens)
        }
      }
    }
  }
}
