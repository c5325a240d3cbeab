/// The passkey test at some lengths and depths.
public struct PasskeySuite: Sendable {
  public static let name = "passkey"
  let grid: DepthGrid

  public init(_ grid: DepthGrid) { self.grid = grid }

  /// One cell for each length.
  public var cells: [TestCell] {
    grid.lengths.map { length in
      TestCell(independent: grid.coordinates(suite: Self.name, task: "passkey", length: length)) {
        [grid] place, counter in
        let depth = place.depth ?? 0, index = grid.depths.firstIndex(of: depth) ?? 0
        let number = Passkey.number(seed: grid.seed, sample: place.sample, depth: index, of: grid.depths.count)
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
